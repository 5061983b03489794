#pragma once
// Rows of feature matrices as queries: of one matrix that all models read, or of one for each model. A model that was
// trained on several side by side needs as many again (sparse/side_by_side.hpp), all of one model before those of the
// next.
//
//   MatrixInstances instances(models, {"X.npz"}, threads);
//   instances.check_rows(first, last);
//   const Query query = instances.read(row, worker);
//
// A matrix of another width than its model's, or one made by another vectorizer, would give answers that look like any
// others and mean nothing: DataError, as for matrices of different numbers of rows. ConfigError for another number of
// matrices. Memory: the matrices as they are, or joined.
// Thread rule: read() from any thread, one at a time for each worker.

#include <string>
#include <vector>

#include "xmr/predict/feature_spaces.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/sparse/matrix_file.hpp"

namespace xmr {

class MatrixInstances {
 public:
  MatrixInstances(const ModelSet& models, const std::vector<std::string>& paths, unsigned threads);

  Row rows() const { return files_.front().view().rows; }
  const FeatureSpaces& spaces() const { return spaces_; }
  std::string fingerprint() const;  // of all matrices

  // Those that are to be read, at first. FormatError for damaged ones, DataError for values that are no counts where
  // the model needs them.
  void check_rows(Row first, Row last) const;
  // Valid until the same worker's next call.
  Query read(Row row, unsigned worker);

 private:
  FeatureSpaces spaces_;
  std::vector<MatrixFile> files_;  // by space
  std::vector<bool> need_counts_;  // likewise
  std::vector<JoinedRow> joined_;  // by worker
};

}  // namespace xmr
