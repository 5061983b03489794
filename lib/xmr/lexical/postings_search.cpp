#include "xmr/lexical/postings_search.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "xmr/util/error.hpp"

namespace xmr {

constexpr std::size_t kCollected = 4;  // times k
constexpr std::size_t kAhead = 16;     // postings whose accumulator is fetched

PostingsSearch::PostingsSearch(const StoredPostings& postings, std::uint32_t k, const std::vector<bool>* allowed,
                               std::uint64_t max_postings)
    : postings_(postings), k_(k), allowed_(allowed), max_postings_(max_postings), accumulators_(postings.documents()) {
  if (k == 0) throw ConfigError("k: 0 answers wanted, at least 1 is needed");
}

void PostingsSearch::add(FeatureId feature, std::uint64_t multiplier) {
  const FeaturePostings found = postings_[feature];
  if (found.postings.empty()) return;
  __builtin_prefetch(found.postings.data());
  terms_.push_back({found.postings, multiplier, multiplier * found.largest});
}

void PostingsSearch::keep_rare_terms() {
  std::ranges::sort(terms_, {}, [](const Term& term) { return std::pair(term.postings.size(), term.postings.data()); });
  std::uint64_t sum = 0;
  const auto end = std::ranges::find_if(terms_, [&](const Term& term) {
    sum += term.postings.size();
    return sum > max_postings_;
  });
  if (end != terms_.end()) terms_.erase(std::max(end, terms_.begin() + 1), terms_.end());
}

std::span<const SummedDocument> PostingsSearch::run() {
  if (max_postings_ != kAllPostings)
    keep_rare_terms();
  else
    std::ranges::sort(terms_, std::greater<>(), &Term::bound);
  rest_ = 0;
  for (const Term& term : terms_)
    rest_ += term.bound;
  std::size_t next = accumulate();
  // A document that was not met has at most rest_; the k-th best has more, unless all terms were taken.
  threshold_ = rest_;
  collect_candidates();
  if (next < terms_.size()) std::ranges::sort(candidates_, {}, &SummedDocument::document);
  for (; next < terms_.size(); ++next) {
    look_up(terms_[next]);
    rest_ -= terms_[next].bound;
    drop_candidates();
  }
  terms_.clear();
  std::ranges::sort(candidates_, [](const SummedDocument& a, const SummedDocument& b) {
    return a.sum != b.sum ? a.sum > b.sum : a.document < b.document;
  });
  if (candidates_.size() > k_) candidates_.resize(k_);
  return candidates_;
}

// Fetches the accumulators of the first postings of the next term.
void PostingsSearch::fetch(std::span<const Posting> postings) const {
  for (const Posting& posting : postings.first(std::min(postings.size(), kAhead)))
    __builtin_prefetch(&accumulators_[posting.document], 1);
}

void PostingsSearch::add(const Term& term) {
  const std::span<const Posting> postings = term.postings;
  if (met_.size() < met_count_ + postings.size()) met_.resize(met_count_ + postings.size());
  std::uint64_t* const sums = accumulators_.data();
  std::uint32_t* const met = met_.data();
  std::size_t count = met_count_;
  // A branch on the first visit of a document would be unpredictable.
  const auto add_one = [&](const Posting& posting) {
    std::uint64_t& sum = sums[posting.document];
    met[count] = posting.document;
    count += sum == 0 ? 1 : 0;
    sum += term.multiplier * posting.impact;
  };
  if (allowed_ == nullptr) {
    const std::size_t fetched = postings.size() - std::min(postings.size(), kAhead);
    for (std::size_t i = 0; i < fetched; ++i) {
      __builtin_prefetch(&sums[postings[i + kAhead].document], 1);
      add_one(postings[i]);
    }
    for (const Posting& posting : postings.subspan(fetched))
      add_one(posting);
  } else {
    for (const Posting& posting : postings)
      if ((*allowed_)[posting.document]) add_one(posting);
  }
  met_count_ = count;
}

// Takes terms until a document that was not met cannot be an answer; returns the first that is left.
std::size_t PostingsSearch::accumulate() {
  std::size_t next = 0;
  const bool few = max_postings_ != kAllPostings;  // cheaper to take them all than to ask
  for (; next < terms_.size(); ++next) {
    const Term& term = terms_[next];
    // To ask costs about as much as half as many postings.
    if (!few && term.postings.size() >= met_count_ / 2 && enough_above_rest()) break;
    if (next + 1 < terms_.size()) fetch(terms_[next + 1].postings);
    add(term);
    rest_ -= term.bound;
  }
  return next;
}

// Returns true if k documents have more already than any other can get.
bool PostingsSearch::enough_above_rest() const {
  std::size_t above = 0;
  for (const std::uint32_t document : met())
    above += accumulators_[document] > rest_ ? 1 : 0;
  return above >= k_;
}

// The documents met that can still be answers; leaves the accumulators clear. Most documents stay below a threshold
// that is found from some.
void PostingsSearch::collect_candidates() {
  candidates_.clear();
  std::size_t enough = kCollected * std::size_t{k_};
  for (const std::uint32_t document : met()) {
    const std::uint64_t sum = std::exchange(accumulators_[document], 0);
    if (sum + rest_ < threshold_) continue;
    candidates_.push_back({document, sum});
    if (candidates_.size() < enough) continue;
    drop_candidates();
    enough = std::max(enough, 2 * candidates_.size());
  }
  met_count_ = 0;
  drop_candidates();
}

void PostingsSearch::drop_candidates() {
  sums_.clear();
  for (const SummedDocument& candidate : candidates_)
    if (candidate.sum >= threshold_) sums_.push_back(candidate.sum);
  if (sums_.size() >= k_) {
    const auto kth = sums_.begin() + k_ - 1;
    std::ranges::nth_element(sums_, kth, std::greater<>());
    threshold_ = *kth;
  }
  std::erase_if(candidates_, [this](const SummedDocument& candidate) { return candidate.sum + rest_ < threshold_; });
}

// Both lists are sorted by document; steps of doubling size find the next candidate in the longer one.
void PostingsSearch::look_up(const Term& term) {
  const Posting* at = term.postings.data();
  const Posting* const end = at + term.postings.size();
  for (SummedDocument& candidate : candidates_) {
    std::ptrdiff_t step = 1;
    while (step < end - at && at[step].document < candidate.document) {
      at += step;
      step *= 2;
    }
    at = std::lower_bound(at, at + std::min(end - at, step + 1), candidate.document,
                          [](const Posting& posting, std::uint32_t document) { return posting.document < document; });
    if (at == end) return;
    if (at->document == candidate.document) candidate.sum += term.multiplier * at->impact;
  }
}

}  // namespace xmr
