#pragma once
// All that an XR-Linear model is learnt from, checked against each other.

#include <optional>
#include <string>
#include <vector>

#include "xmr/distributed/train_plan.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/sparse/instances.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/train/solved_parents.hpp"
#include "xmr/train/trainer.hpp"

#include "common/tool.hpp"
#include "xmr-train/inputs.hpp"

namespace xmr::tools {

inline constexpr const char* kInitHelp =
    "Model trained before; parents with the same rows and options are taken from it";
inline constexpr const char* kMemoryHelp =
    "Limit of memory, as 4G or 512M; work that does not fit waits. Mapped files are not counted. Default: no limit";

// For --memory, before anything is read: what is freed goes back to the system at once.
void keep_no_freed_memory();

struct LinearPaths {
  std::string y, tree;
  std::string vectorizer, label_rows, given_negatives;  // or empty
};

struct LinearInputs {
  LinearInputs(MatrixFile features_file, const LinearPaths& paths);

  // Before rows of features() are read that were not checked yet; flags as of XrLinearTrainer::rows_of().
  void check_rows(const std::vector<bool>& rows) const;
  CsrView features() const { return stacked ? stacked->x : x.view(); }
  CsrView labels() const { return stacked ? stacked->y : y.view(); }
  std::optional<CsrView> negatives() const;

  // The trained model of --init, if there is one, checked against the rest. It keeps the parents of the first levels,
  // changed or not: kept_levels of them. `type` of the weights to be learnt.
  void start_from(const std::string& init, std::size_t kept_levels, WeightType type);

  // The options as the model records them.
  nlohmann::ordered_json record(const TrainOptions& train) const;
  TrainRecipe recipe(TrainOptions train, const PredictDefaults& predict) const;
  // Of the process, for training: `bytes` from --memory.
  MemoryLimit limit(std::uint64_t bytes) const;
  // Rows and the like, for --stats.
  void report(Run& run) const;

  MatrixFile x, y;
  NpzFile tree_file;
  LabelTree tree;
  std::optional<SolvedParents> solved;
  std::optional<VectorizerFile> vectorizer;
  std::optional<LabelRows> label_rows;
  std::optional<InstanceMatrices> stacked;  // x and y with the label rows
  std::optional<MatrixFile> given;
  std::optional<CsrMatrix> padded;  // the same with empty rows for the label rows
};

}  // namespace xmr::tools
