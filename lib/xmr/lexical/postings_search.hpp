#pragma once
// The k documents with the largest sums of multiplier × impact over the terms of a query, equal sums by document id.
// The result equals summing up all documents, but most are not summed (MaxScore, Turtle and Flood 1995, a term at a
// time):
//
//   1. terms are taken by decreasing bound (multiplier × largest impact: rare words first), their postings are added
//      up in an accumulator for each document, until a document that was not met yet cannot come among the best k;
//   2. documents met that still can come among the best k are looked up in the postings of the terms left.
//
//   PostingsSearch search(postings, 10);
//   search.add(feature, multiplier);   // each term of the query
//   search.run();                      // documents and sums, best first; takes the terms away
//
// With a limit a search keeps the terms with the fewest postings, at least one and as many as have `max_postings`
// together, and drops the others: the answers are exact for the terms kept. enough_postings() is a good limit where
// another stage ranks the answers: common terms have most of the postings and tell little.
//
// Documents without a term of the query are no answers, so there may be fewer than k. Sums must stay below 2^63.
// Memory: 8 bytes a document and 4 a posting visited, reused; nothing is allocated once the first queries have made it
// grow. Errors: ConfigError for k 0; FormatError for damaged postings, at their first visit. Thread rule: one object a
// thread; objects share the postings.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "xmr/lexical/stored_postings.hpp"
#include "xmr/util/huge_pages.hpp"

namespace xmr {

struct SummedDocument {
  std::uint32_t document;
  std::uint64_t sum;
};

inline constexpr std::uint64_t kAllPostings = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t enough_postings(std::uint64_t documents) {
  return std::max<std::uint64_t>(8000, documents / 8);
}

class PostingsSearch {
 public:
  // The postings must outlive the search, and `allowed`, too: by document, the only possible answers; null: all.
  PostingsSearch(const StoredPostings& postings, std::uint32_t k, const std::vector<bool>* allowed = nullptr,
                 std::uint64_t max_postings = kAllPostings);

  // The feature is below postings.features(); multiplier ≥ 1.
  void add(FeatureId feature, std::uint64_t multiplier);
  // Valid until the next call.
  std::span<const SummedDocument> run();

 private:
  struct Term {
    std::span<const Posting> postings;
    std::uint64_t multiplier;
    std::uint64_t bound;  // multiplier × largest impact
  };

  void keep_rare_terms();
  std::size_t accumulate();
  void fetch(std::span<const Posting> postings) const;
  void add(const Term& term);
  std::span<const std::uint32_t> met() const { return std::span(met_).first(met_count_); }
  bool enough_above_rest() const;
  void collect_candidates();
  void drop_candidates();
  void look_up(const Term& term);

  const StoredPostings& postings_;
  std::uint32_t k_;
  const std::vector<bool>* allowed_;
  std::uint64_t max_postings_;
  std::vector<Term> terms_;
  std::uint64_t rest_ = 0;                  // the most that the terms left can add
  std::uint64_t threshold_ = 0;             // k documents have at least this sum
  HugeVector<std::uint64_t> accumulators_;  // by document, 0 between queries
  std::vector<std::uint32_t> met_;          // first met_count_: documents whose accumulator is not 0
  std::size_t met_count_ = 0;
  std::vector<std::uint64_t> sums_;  // scratch of a selection
  std::vector<SummedDocument> candidates_;
};

}  // namespace xmr
