#pragma once
// Estimates memory and time of indexing from the sizes of its inputs, by the formulae of docs/xmr-index.md, "Memory".
// Cost: a pass over Y and the row lengths of X. Thread rule: pure function.

#include <cstdint>

#include "xmr/sparse/csr.hpp"

namespace xmr {

struct IndexEstimate {
  std::uint64_t memory_bytes = 0;  // peak, including X and Y
  std::uint64_t tree_bytes = 0;
  double seconds = 0;
};

// The form of the index.
struct IndexedForm {
  bool with_clusters = true;         // false: the method does not cluster, and the following values are unused
  std::uint32_t embedding_size = 0;  // entries kept of a label's vector, 0: all
  std::uint64_t clusters = 1;        // nodes just above the labels
  std::uint64_t root_children = 1;
  LabelId sample = 0;   // sampled labels of the first level, 0: all (index/tree_top.hpp)
  unsigned rounds = 8;  // rounds of k-means
};

// x and y must fit each other. label_features has a row for each label, or none.
IndexEstimate estimate_indexing(CsrView x, CsrView y, CsrView label_features, const IndexedForm& form,
                                unsigned threads);

}  // namespace xmr
