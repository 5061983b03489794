#pragma once
// What indexing would take, told by the sizes of what it works on without summing or clustering: by the formulae of
// docs/xmr-index.md, "Memory" and "Time", where also stands how far they are off. Cost: a pass over Y and the lengths
// of X's rows. Thread rule: pure function.

#include <cstdint>

#include "xmr/sparse/csr.hpp"

namespace xmr {

struct IndexEstimate {
  std::uint64_t memory_bytes = 0;  // peak, X and Y among them
  std::uint64_t tree_bytes = 0;
  double seconds = 0;
};

// What is made of the labels.
struct IndexedForm {
  bool with_clusters = true;         // false: by a method that does not cluster, and has no use for what follows
  std::uint32_t embedding_size = 0;  // entries kept of a label's vector, 0: all
  std::uint64_t clusters = 1;        // nodes just above the labels
  std::uint64_t root_children = 1;
  LabelId sample = 0;   // labels by which the root is divided, 0: all; fewer than there are (index/tree_top.hpp)
  unsigned rounds = 8;  // of k-means
};

// x and y fit each other; label_features: a row for each label, or none.
IndexEstimate estimate_indexing(CsrView x, CsrView y, CsrView label_features, const IndexedForm& form,
                                unsigned threads);

}  // namespace xmr
