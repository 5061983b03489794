#pragma once
// Oracle of lexical/: BM25 written down from docs/methods.md, every label scored, nothing indexed.

#include <cstdint>
#include <utility>
#include <vector>

#include "xmr/lexical/bm25_postings.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/random.hpp"

namespace xmr::test {

class PlainBm25 {
 public:
  // documents: labels × features, counts; must outlive this.
  PlainBm25(CsrView documents, Bm25Options options);

  // The gain of the label by one occurrence of the feature in a query; 0 if its document lacks the feature.
  double impact(LabelId label, FeatureId feature) const;
  // The best k labels and their scores, impacts rounded to multiples of kImpactUnit.
  std::vector<std::pair<LabelId, float>> rank(SparseRow query, std::size_t k) const;

 private:
  double count(LabelId label, FeatureId feature) const;
  double length(LabelId label) const;

  CsrView documents_;
  Bm25Options options_;
  double labels_with_document_ = 0, mean_length_ = 0;
};

// Rows of small counts, so that scores often tie; the first features are in most rows, the last in few; some rows are
// empty.
CsrMatrix random_counts(Random& random, std::uint64_t rows, std::uint32_t features);

}  // namespace xmr::test
