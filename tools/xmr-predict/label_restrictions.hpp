#pragma once
// --allow, --deny, --block and --rerank: the labels that may be answers.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/complete/blocked_words.hpp"
#include "xmr/io/corpus.hpp"
#include "xmr/io/json.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"

#include "xmr-predict/options.hpp"

namespace xmr::tools {

class LabelRestrictions {
 public:
  // Reads the files. Warns of unknown keys. Throws DataError if no label is left; ConfigError for a level that the
  // models do not have.
  LabelRestrictions(const PredictOptions& options, const ModelSet& models, Observer& observer);

  // Flags by label; null: all labels.
  const std::vector<bool>* allowed() const { return allowed_.empty() ? nullptr : &allowed_; }
  // Null: no block list.
  const BlockedLabels* blocked() const { return blocked_ ? &*blocked_ : nullptr; }
  // Returns the query of a row with its candidates, if there are any.
  Query restrict(Query query, Row row) const {
    if (reranked_) query.among = row < reranked_->rows ? reranked_->row(row).indices : std::span<const LabelId>();
    return query;
  }
  // Throws DataError unless there are candidates for exactly `rows` rows; for `row`.
  void require_rows(Row rows, const std::string& of) const;
  void require_row(Row row, LinePlace place) const;

  // Adds the record of the options to the meta.json of predictions.
  void describe(Json& content) const;

 private:
  void read_allowed(const PredictOptions& options, const ModelSet& models, const LabelNames* names, Observer& observer);
  void read_reranked(const PredictOptions& options, const ModelSet& models, const LabelNames* names);

  std::vector<bool> allowed_;
  std::uint64_t allowed_labels_ = 0;
  std::optional<BlockedLabels> blocked_;
  std::string reranked_name_;
  bool is_text_ = false;  // which says nothing of rows and labels behind its last answer
  std::optional<MatrixFile> matrix_;
  std::optional<PredictionFile> predictions_;
  std::optional<CsrView> reranked_;
};

}  // namespace xmr::tools
