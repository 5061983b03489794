#pragma once
// The k labels with the largest BM25 scores (bm25_model.hpp), equal scores by label id: the same as if all labels were
// scored, but most are not (MaxScore, Turtle and Flood 1995, a term at a time):
//
//   1. terms are taken by decreasing bound (count in the query × largest impact: rare words first), their postings are
//      added up in an accumulator for each label, until a label that was not met yet cannot come among the best k;
//   2. of the labels met, those that still can are looked up in the postings of the terms left.
//
//   Bm25Search search(model, 10);
//   const SparseRow ranked = search(counts);   // labels and scores, best first (see sparse/predictions.hpp)
//
// Labels without a word of the query are no answers, so there may be fewer than k. Memory: 8 bytes a label, reused;
// nothing is allocated once the first queries have made it grow. Errors: ConfigError for k 0; FormatError for damaged
// postings, at their first visit. Thread rule: one object a thread; objects share the model.

#include <cstdint>
#include <vector>

#include "xmr/lexical/bm25_model.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

class Bm25Search {
 public:
  // The model must outlive the search, and `allowed`, too: by label, the only ones that may be answers; null: all.
  Bm25Search(const Bm25Model& model, std::uint32_t k, const std::vector<bool>* allowed = nullptr);

  // The labels of one query and their scores, best first; valid until the next call. The query's features are below
  // model.features() and its values are counts: whoever reads them from outside checks it.
  SparseRow operator()(SparseRow query);

 private:
  struct Term {
    std::span<const Posting> postings;
    std::uint64_t count;  // in the query
    std::uint64_t bound;  // count × largest impact
  };
  struct Candidate {
    LabelId label;
    std::uint64_t score;
  };

  void collect_terms(SparseRow query);
  std::size_t accumulate();
  void add(const Term& term, const Posting& posting);
  bool enough_above_rest() const;
  void collect_candidates();
  void drop_candidates();
  void look_up(const Term& term);
  SparseRow answer();

  const Bm25Model& model_;
  std::uint32_t k_;
  const std::vector<bool>* allowed_;
  std::vector<Term> terms_;
  std::uint64_t rest_ = 0;                   // what the terms that are left can add at most
  std::uint64_t threshold_ = 0;              // k labels have at least this score
  std::vector<std::uint64_t> accumulators_;  // by label, 0 between queries
  std::vector<LabelId> met_;                 // labels whose accumulator is not 0
  std::vector<std::uint64_t> scores_;        // scratch of a selection
  std::vector<Candidate> candidates_;
  std::vector<LabelId> labels_;  // the answer
  std::vector<float> printed_;
};

}  // namespace xmr
