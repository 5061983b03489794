#pragma once
// Opens a model and ranks labels, for texts or for rows of features. The model may be of any kind that xmr-train makes.
//
//   const xmr::api::Model model("model.npz");
//   xmr::api::TextRanker rank(model, {.k = 10});
//   const xmr::SparseRow answers = rank("wireless echo");
//   for (std::size_t i = 0; i < answers.size(); ++i)
//     std::cout << model.key(answers.indices[i]) << '\t' << answers.values[i] << '\n';
//
// Errors: IoError, FormatError and DataError for the file; ConfigError for a use that the model does not support.
// Thread rule: const methods of Model from any thread; a ranker belongs to one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/types.hpp"

namespace xmr::api {

struct RankOptions {
  std::uint32_t k = 10;                    // answers, >= 1
  std::optional<std::uint32_t> beam = {};  // nodes kept at each level of a tree, >= 1; absent: the model's
};

// An open model. Copies share it. The file is mapped: processes that open the same file share its memory.
class Model {
 public:
  explicit Model(const std::string& path);
  // Models that answer together: their rankings are fused by reciprocal rank. At least one path.
  explicit Model(const std::vector<std::string>& paths);

  std::uint64_t labels() const;
  // The number of features of the first model.
  std::uint64_t features() const;
  // Returns the key of a label as in labels.txt; empty if the model holds no keys. Requires label < labels().
  std::string_view key(LabelId label) const;

 private:
  friend class TextRanker;
  friend class RowRanker;
  struct State;
  std::shared_ptr<const State> state_;
};

// Ranks labels for texts. If a model holds no vectorizer, the constructor throws ConfigError.
class TextRanker {
 public:
  explicit TextRanker(const Model& model, const RankOptions& options = {});
  TextRanker(TextRanker&&) noexcept;
  TextRanker& operator=(TextRanker&&) noexcept;
  ~TextRanker();

  // Returns labels and scores, best first. A text is one line; TAB separates previous query and prefix if the model
  // completes. Valid until the next call. Throws DataError if the text does not fit the model.
  SparseRow operator()(std::string_view text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Ranks labels for rows of features. If several models answer together, or the model completes, the constructor throws
// ConfigError.
class RowRanker {
 public:
  explicit RowRanker(const Model& model, const RankOptions& options = {});
  RowRanker(RowRanker&&) noexcept;
  RowRanker& operator=(RowRanker&&) noexcept;
  ~RowRanker();

  // Returns labels and scores, best first. Valid until the next call. Throws DataError unless the indices increase and
  // are below Model::features(), and the values are finite.
  SparseRow operator()(SparseRow features);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xmr::api
