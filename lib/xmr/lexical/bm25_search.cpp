#include "xmr/lexical/bm25_search.hpp"

#include "xmr/lexical/bm25_postings.hpp"

namespace xmr {

SparseRow Bm25Search::operator()(SparseRow query) {
  for (std::size_t i = 0; i < query.size(); ++i)
    search_.add(query.indices[i], static_cast<std::uint64_t>(query.values[i]));
  labels_.clear();
  scores_.clear();
  for (const SummedDocument& found : search_.run()) {
    labels_.push_back(found.document);
    scores_.push_back(static_cast<float>(static_cast<double>(found.sum) * kImpactUnit));
  }
  return {labels_, scores_};
}

}  // namespace xmr
