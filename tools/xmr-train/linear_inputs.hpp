#pragma once
// The inputs of an XR-Linear model, checked against each other.

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

// Makes freed memory go back to the system at once. Call it before anything is read, if --memory was given.
void keep_no_freed_memory();

struct LinearPaths {
  std::string y, tree;
  std::string vectorizer, label_rows, given_negatives;  // or empty
};

struct LinearInputs {
  LinearInputs(MatrixFile features_file, const LinearPaths& paths);

  // Checks rows of features(); call it before they are read. `rows`: flags of XrLinearTrainer::rows_of().
  void check_rows(const std::vector<bool>& rows) const;
  CsrView features() const { return stacked ? stacked->x : x.view(); }
  CsrView labels() const { return stacked ? stacked->y : y.view(); }
  // Sets the members of `train` that depend on the inputs: given negatives, names, drop_x.
  void complete(TrainOptions& train) const;

  // Opens the model of --init, if there is one, and checks it against the other inputs. Parents of the first
  // `kept_levels` levels are kept even if they have changed. `type`: of the weights to train.
  void start_from(const std::string& init, std::size_t kept_levels, WeightType type);

  // Returns the options as the model records them.
  Json record(const TrainOptions& train) const;
  TrainRecipe recipe(TrainOptions train, const PredictDefaults& predict) const;
  // Bytes of the mapped X and Y, which --memory does not bound.
  std::uint64_t mapped_bytes() const;
  // Returns the limit of memory of the process for training. `bytes`: --memory.
  MemoryLimit limit(std::uint64_t bytes) const;
  // Records rows, features, labels and entries for --stats.
  void report(Run& run) const;

  MatrixFile x, y;
  NpzFile tree_file;
  LabelTree tree;
  std::optional<SolvedParents> solved;
  std::optional<VectorizerFile> vectorizer;
  std::optional<LabelRows> label_rows;
  std::optional<InstanceMatrices> stacked;  // x and y with the label rows
  std::optional<MatrixFile> given;
  std::optional<CsrMatrix> padded;  // `given` with empty rows for the label rows
};

}  // namespace xmr::tools
