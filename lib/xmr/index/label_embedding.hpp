#pragma once
// Label vectors for clustering (PIFA: positive instance feature aggregation; PECOS, JMLR 23(98), 2022, section 3).
//
// The vector of a label is the sum of the features of its rows, each row weighted by its value in Y after the rows of Y
// were normalised, scaled to length 1. With label features, theirs (scaled to length 1) stand beside it, and the whole
// has length 1; a label without rows then has only its label features, and one with neither has the zero vector.
//
// Sums of many rows are long and mostly noise: set S needs 1,600 entries a label, 250 do. With `size` > 0 a vector
// keeps the `size` entries that differ most from the mean of all labels (estimated from at most 1024 of them), each
// minus that mean: taking the same vector from every label changes no order of ⟨c, z⟩, and so no split, but it makes
// what is left out small. A plain cut by value instead tears frequent words apart and ruins the tree (docs/methods.md,
// "Index").
//
// Memory: Y by labels while sums run, the result twice while it is put together, and per thread one number a feature.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/parallel.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

struct EmbeddingOptions {
  Norm y_norm = Norm::l2;    // of the rows of Y
  std::uint32_t size = 256;  // entries kept of a vector; 0: all, and no mean is taken away
};

// x: instances × features, y: instances × labels, label_features: labels × any features (0 rows: none).
// Result: labels × (features + label features); the same for any number of threads.
// DataError if rows do not match or a sum overflows.
CsrMatrix embed_labels(CsrView x, CsrView y, CsrView label_features, const EmbeddingOptions& options,
                       Parallel& parallel);

// The same in steps, for who needs only the vectors of some labels, or not all of them at once. An object of some
// labels does not look at others' rows.
//   LabelEmbedding all(x, y, label_features, options, parallel);      mean = all.mean();
//   LabelEmbedding some(x, y, label_features, options, parallel, labels);   vectors = some.vectors(mean);
class LabelEmbedding {
 public:
  // The views must outlive it. `labels`: increasing; none given: all.
  LabelEmbedding(CsrView x, CsrView y, CsrView label_features, const EmbeddingOptions& options, Parallel& parallel,
                 std::optional<std::span<const LabelId>> labels = {});

  // Of all labels' vectors, estimated; empty for size 0. Only of an object of all labels.
  std::vector<float> mean() const;
  // Labels × (features + label features); the rows of other labels are empty.
  CsrMatrix vectors(std::span<const float> mean) const;

  // Of some of its labels, in any order. Row i is the vector of labels[i].
  CsrMatrix vectors_of(std::span<const LabelId> labels, std::span<const float> mean) const;
  // The same in blocks: `take` gets the vectors of labels[first] and following, blocks in any order, from any thread.
  using Take = std::function<void(std::size_t first, CsrMatrix vectors)>;
  void vectors_of(std::span<const LabelId> labels, std::span<const float> mean, const Take& take) const;

  std::uint64_t labels() const { return rows_of_label_.rows(); }

 private:
  std::vector<CsrMatrix> embed(std::span<const float> mean, std::span<const LabelId> labels) const;
  CsrMatrix put_together(std::vector<CsrMatrix> pieces, std::span<const std::uint32_t> rows, std::uint64_t all) const;

  CsrView x_, label_features_;
  EmbeddingOptions options_;
  Parallel& parallel_;
  std::vector<LabelId> labels_;
  CsrMatrix rows_of_label_;
};

}  // namespace xmr
