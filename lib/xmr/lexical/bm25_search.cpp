#include "xmr/lexical/bm25_search.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "xmr/util/error.hpp"

namespace xmr {
Bm25Search::Bm25Search(const Bm25Model& model, std::uint32_t k, const std::vector<bool>* allowed)
    : model_(model), k_(k), allowed_(allowed), accumulators_(model.labels()) {
  if (k == 0) throw ConfigError("k: 0 answers wanted, at least 1 is needed");
}

SparseRow Bm25Search::operator()(SparseRow query) {
  collect_terms(query);
  std::size_t next = accumulate();
  // An unseen label has at most rest_; the k-th best has more, unless all terms were taken.
  threshold_ = rest_;
  collect_candidates();
  for (; next < terms_.size(); ++next) {
    look_up(terms_[next]);
    rest_ -= terms_[next].bound;
    drop_candidates();
  }
  return answer();
}

void Bm25Search::collect_terms(SparseRow query) {
  terms_.clear();
  rest_ = 0;
  for (std::size_t i = 0; i < query.size(); ++i) {
    const FeaturePostings found = model_.postings(query.indices[i]);
    if (found.postings.empty()) continue;
    const auto count = static_cast<std::uint64_t>(query.values[i]);
    terms_.push_back({found.postings, count, count * found.largest});
    rest_ += terms_.back().bound;
  }
  std::ranges::sort(terms_, std::greater<>(), &Term::bound);
}

inline void Bm25Search::add(const Term& term, const Posting& posting) {
  std::uint64_t& sum = accumulators_[posting.label];
  if (sum == 0) met_.push_back(posting.label);
  sum += term.count * posting.impact;
}

// Takes terms until a label that was not met cannot be an answer; returns the first that is left.
std::size_t Bm25Search::accumulate() {
  std::size_t next = 0;
  for (; next < terms_.size(); ++next) {
    const Term& term = terms_[next];
    // To ask costs about as much as half as many postings.
    if (term.postings.size() >= met_.size() / 2 && enough_above_rest()) break;
    if (allowed_ == nullptr) {
      for (const Posting& posting : term.postings)
        add(term, posting);
    } else {
      for (const Posting& posting : term.postings)
        if ((*allowed_)[posting.label]) add(term, posting);
    }
    rest_ -= term.bound;
  }
  return next;
}

// Do k labels have more already than any other can get?
bool Bm25Search::enough_above_rest() const {
  std::size_t above = 0;
  for (const LabelId label : met_)
    above += accumulators_[label] > rest_ ? 1 : 0;
  return above >= k_;
}

// The labels met that can still be answers, by label; leaves the accumulators clear.
void Bm25Search::collect_candidates() {
  candidates_.clear();
  for (const LabelId label : met_)
    candidates_.push_back({label, std::exchange(accumulators_[label], 0)});
  met_.clear();
  drop_candidates();
  std::ranges::sort(candidates_, {}, &Candidate::label);
}

void Bm25Search::drop_candidates() {
  scores_.clear();
  for (const Candidate& candidate : candidates_)
    if (candidate.score > threshold_) scores_.push_back(candidate.score);
  if (scores_.size() >= k_) {
    const auto kth = scores_.begin() + k_ - 1;
    std::ranges::nth_element(scores_, kth, std::greater<>());
    threshold_ = *kth;
  }
  std::erase_if(candidates_, [this](const Candidate& candidate) { return candidate.score + rest_ < threshold_; });
}

// Both lists are sorted by label; steps of doubling size find the next candidate in the longer one.
void Bm25Search::look_up(const Term& term) {
  const Posting* at = term.postings.data();
  const Posting* const end = at + term.postings.size();
  for (Candidate& candidate : candidates_) {
    std::ptrdiff_t step = 1;
    while (step < end - at && at[step].label < candidate.label) {
      at += step;
      step *= 2;
    }
    at = std::lower_bound(at, at + std::min(end - at, step + 1), candidate.label,
                          [](const Posting& posting, LabelId label) { return posting.label < label; });
    if (at == end) return;
    if (at->label == candidate.label) candidate.score += term.count * at->impact;
  }
}

SparseRow Bm25Search::answer() {
  std::ranges::sort(candidates_, [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.label < b.label;
  });
  if (candidates_.size() > k_) candidates_.resize(k_);
  labels_.clear();
  printed_.clear();
  for (const Candidate& candidate : candidates_) {
    labels_.push_back(candidate.label);
    printed_.push_back(static_cast<float>(static_cast<double>(candidate.score) * kImpactUnit));
  }
  return {labels_, printed_};
}

}  // namespace xmr
