#pragma once
// Rows of feature matrices as queries, in one block. The matrices are one that all models read, or one for each model.
// A model that was trained on several matrices side by side needs as many again (sparse/joined_features.hpp); all
// matrices of a model come before the matrices of the next.
//
//   MatrixInstances instances(models, {"X.npz"}, threads);
//   instances.select(first, last);
//
// Errors: DataError if a matrix has another width than its model, was made by another vectorizer, or has another number
// of rows; ConfigError if the number of matrices does not fit. Memory: the matrices, unchanged or joined.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmr/io/row_ids.hpp"
#include "xmr/predict/instances.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/sparse/matrix_file.hpp"

namespace xmr {

class MatrixInstances final : public Instances {
 public:
  MatrixInstances(const ModelSet& models, const std::vector<std::string>& paths, unsigned threads);

  Row rows() const { return files_.front().view().rows; }  // of the matrices
  std::string fingerprint() const;                         // of all matrices

  // Makes rows first..last-1 the block, and checks them. Required before next_block(). If a row is damaged, throws
  // FormatError. If the model needs counts and a value is none, throws DataError.
  void select(Row first, Row last);

  const FeatureSpaces& spaces() const override { return spaces_; }
  // Gives the rows ids; there must be as many as rows.
  void set_ids(RowIds ids) { ids_ = std::move(ids); }

  Row total() const override { return last_ - first_; }
  std::string_view id(Row row) override { return ids_ ? (*ids_)[first_ + row] : std::string_view(); }
  Row next_block() override;
  Query read(Row row, unsigned worker) override;
  std::string describe(Row row) const override;
  LinePlace place(Row row) const override { return {files_.front().name(), first_ + row + 1}; }

 private:
  FeatureSpaces spaces_;
  std::vector<MatrixFile> files_;  // [space]
  std::vector<bool> need_counts_;  // [space]
  std::vector<JoinedRow> joined_;  // [worker]
  Row first_ = 0, last_ = 0;       // the block
  bool is_delivered_ = false;
  std::optional<RowIds> ids_;
};

}  // namespace xmr
