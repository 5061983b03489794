#pragma once
// Label vectors for clustering (PIFA: positive instance feature aggregation; PECOS, JMLR 23(98), 2022, section 3).
//
// The vector of a label is the sum of the features of its rows, scaled to length 1. Each row is weighted by its value
// in the normalised rows of Y. Label features (scaled to length 1) stand beside it, and the whole has length 1. A label
// without rows has only its label features; without these its vector is 0.
//
// Sums of many rows are long and mostly noise. With `size` > 0 a vector keeps the `size` entries that differ most from
// the mean of all labels (estimated from at most 1024 labels), minus that mean. Subtracting one vector from all labels
// changes no order of ⟨c, z⟩, and so no split. A cut by value instead separates labels by frequent words
// (docs/methods.md, "Index").
//
// Memory: Y by labels (8 bytes an entry), the result twice while it is assembled, and for each thread one number a
// feature.

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
  Norm y_norm = Norm::l2;    // norm of the rows of Y
  std::uint32_t size = 256;  // entries of a vector; 0: all, and no mean is subtracted
};

// x: instances × features, y: instances × labels, label_features: labels × any features (0 rows: none). Returns labels
// × (features + label features), the same for any number of threads. If rows do not match or a sum overflows, throws
// DataError.
CsrMatrix embed_labels(CsrView x, CsrView y, CsrView label_features, const EmbeddingOptions& options,
                       Parallel& parallel);

// Makes vectors of some labels, or of all labels in steps. An object for some labels reads only their rows.
//
//   LabelEmbedding all(x, y, label_features, options, parallel);      mean = all.mean();
//   LabelEmbedding some(x, y, label_features, options, parallel, labels);   vectors = some.vectors(mean);
class LabelEmbedding {
 public:
  // The views must outlive the object. `labels`: increasing; without it, all.
  LabelEmbedding(CsrView x, CsrView y, CsrView label_features, const EmbeddingOptions& options, Parallel& parallel,
                 std::optional<std::span<const LabelId>> labels = {});

  // Returns the estimated mean of all label vectors; empty for size 0. Only for an object of all labels.
  std::vector<float> mean() const;
  // Returns the vectors of all labels of the object, in their order.
  CsrMatrix vectors(std::span<const float> mean) const;
  // Returns the vectors of `labels`, in any order: row i is the vector of labels[i].
  CsrMatrix vectors_of(std::span<const LabelId> labels, std::span<const float> mean) const;
  // Makes the vectors in blocks: `take` gets the vectors from labels[first] on. Blocks come in any order, from any
  // thread.
  using Take = std::function<void(std::size_t first, CsrMatrix vectors)>;
  void vectors_of(std::span<const LabelId> labels, std::span<const float> mean, const Take& take) const;

  std::uint64_t labels() const { return rows_of_label_.rows(); }

 private:
  void for_blocks(std::span<const LabelId> labels, std::span<const float> mean, const Take& take) const;

  CsrView x_, label_features_;
  EmbeddingOptions options_;
  Parallel& parallel_;
  std::vector<LabelId> labels_;
  CsrMatrix rows_of_label_;
};

}  // namespace xmr
