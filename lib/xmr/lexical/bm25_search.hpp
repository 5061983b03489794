#pragma once
// The k labels with the largest BM25 scores (bm25_postings.hpp), equal scores by label id (postings_search.hpp).
//
//   Bm25Search search(model.postings(), 10);
//   const SparseRow ranked = search(counts);   // labels and scores, best first (see sparse/predictions.hpp)
//
// Labels without a word of the query are no answers, so there may be fewer than k. Memory: 8 bytes a label, reused;
// nothing is allocated once the first queries have made it grow. Errors: ConfigError for k 0; FormatError for damaged
// postings, at their first visit. Thread rule: one object a thread; objects share the postings.

#include <cstdint>
#include <vector>

#include "xmr/lexical/postings_search.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

class Bm25Search {
 public:
  // The postings must outlive the search, and `allowed`, too: by label, the only possible answers; null: all.
  Bm25Search(const StoredPostings& postings, std::uint32_t k, const std::vector<bool>* allowed = nullptr,
             std::uint64_t max_postings = kAllPostings)
      : search_(postings, k, allowed, max_postings) {}

  // The labels of one query and their scores, best first; valid until the next call. The query's features are below
  // postings.features() and its values are counts: whoever reads them from outside checks it.
  SparseRow operator()(SparseRow query);

 private:
  PostingsSearch search_;
  std::vector<LabelId> labels_;
  std::vector<float> scores_;
};

}  // namespace xmr
