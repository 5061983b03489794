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

// x and y fit each other; label_features: a row for each label, or none. `embedding_size`: entries kept of a label's
// vector, 0: all; `clusters`: nodes just above the labels; with_clusters: false for methods that do not cluster.
IndexEstimate estimate_indexing(CsrView x, CsrView y, CsrView label_features, std::uint32_t embedding_size,
                                std::uint64_t clusters, bool with_clusters, unsigned threads);

}  // namespace xmr
