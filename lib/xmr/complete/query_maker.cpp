#include "xmr/complete/query_maker.hpp"

#include <algorithm>
#include <numeric>

#include "xmr/complete/prefix.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr double kOfUnknown = 1e-4;  // probability of a typed word that is no known piece
constexpr double kOfPrevious = 0.2;  // probability of the pieces of the previous query

double total_of(const PairCounts::Nexts& nexts) {
  return static_cast<double>(std::accumulate(nexts.counts.begin(), nexts.counts.end(), std::uint64_t{0}));
}

}  // namespace

QueryMaker::QueryMaker(const QueryGrams& grams, const StringTable& keys) : grams_(grams), keys_(keys) {
  any_.nexts = grams.contexts().nexts("");
  any_.total = total_of(any_.nexts);
  list(any_.nexts, kBranches);
  for (const Next& next : nexts_)
    best_of_any_.push_back(next.piece);
}

void QueryMaker::operator()(std::string_view previous, std::string_view typed) {
  made_.clear();
  ended_.clear();
  ended_sum_ = 0;
  if (typed.size() > kMaxTyped || count_points(typed) < kMinCharacters) return;
  typed_.assign(typed);
  cut_pieces(typed_, pieces_);
  const std::string_view last = pieces_.back();
  Beginning finished{.text = typed_.substr(0, typed_.size() - last.size()), .before = {}, .last = {}};
  if (pieces_.size() > 1) finished.last = pieces_[pieces_.size() - 2];
  if (pieces_.size() > 2) finished.before = pieces_[pieces_.size() - 3];
  beam_.clear();
  grown_.clear();
  grow(finished, last);
  // The typed word may be whole, though no query has it.
  const LabelId place = place_of(grams_.pieces(), last);
  if (place == grams_.pieces().size() || grams_.pieces()[place] != last)
    grown_.push_back({.text = typed_,
                      .before = finished.last,
                      .last = std::string(last),
                      .probability = kOfUnknown,
                      .pieces = 1,
                      .is_known = false});
  if (previous.size() > typed.size() && previous.size() <= kMaxTyped && previous.starts_with(typed))
    add_previous(previous);
  for (std::size_t step = 1; step < kMaxPieces && !grown_.empty(); ++step) {
    std::ranges::stable_sort(grown_,
                             [](const Beginning& a, const Beginning& b) { return a.probability > b.probability; });
    if (grown_.size() > kBeam) grown_.resize(kBeam);
    beam_.swap(grown_);
    grown_.clear();
    for (const Beginning& beginning : beam_)
      if (!is_hopeless(beginning.probability)) grow(beginning, {});
  }
  keep_ended();
}

// Adds the beginnings of a previous query that end behind the typed text.
void QueryMaker::add_previous(std::string_view previous) {
  previous_.assign(previous);
  cut_pieces(previous_, of_previous_);
  const std::size_t finished = pieces_.size() - 1;
  const std::size_t end = std::min(of_previous_.size(), finished + kMaxPieces);
  for (std::size_t i = finished; i < end; ++i) {
    const std::string_view piece = of_previous_[i];
    grown_.push_back(
        {.text = previous_.substr(0, static_cast<std::size_t>(piece.data() - previous_.data()) + piece.size()),
         .before = std::string(i > 0 ? of_previous_[i - 1] : std::string_view()),
         .last = std::string(piece),
         .probability = kOfPrevious,
         .pieces = static_cast<std::uint32_t>(i - finished + 1),
         .is_known = false});
  }
}

// Finds the most likely pieces behind a beginning that begin with a text, in nexts_.
void QueryMaker::find_nexts(const Beginning& beginning, std::string_view begins_with, std::size_t most) {
  contexts_.clear();
  const auto add = [&](std::string_view context) {
    const PairCounts::Nexts nexts = grams_.contexts().nexts(context);
    if (!nexts.labels.empty()) contexts_.push_back({nexts, total_of(nexts)});
  };
  if (!beginning.last.empty()) {
    context_.assign("\t").append(beginning.before).append("\t").append(beginning.last);
    add(context_);
  }
  context_.assign("\t").append(beginning.last);
  add(context_);
  const bool has_any = !beginning.last.empty() && !any_.nexts.labels.empty();
  nexts_.clear();
  if (begins_with.empty()) {
    for (const Context& context : contexts_)
      list(context.nexts, most);
    if (has_any)
      for (const PieceId piece : best_of_any_)
        nexts_.push_back({piece, 0});
    if (has_any) contexts_.push_back(any_);
  } else {
    if (has_any) contexts_.push_back(any_);
    const LabelRange range = prefix_range(grams_.pieces(), begins_with);
    for (const Context& context : contexts_)
      list(PairCounts::inside(context.nexts, range), most);
  }
  std::ranges::sort(nexts_, {}, &Next::piece);
  const auto is_same = [](const Next& a, const Next& b) { return a.piece == b.piece; };
  nexts_.erase(std::unique(nexts_.begin(), nexts_.end(), is_same), nexts_.end());
  for (Next& next : nexts_)
    next.probability = probability(next.piece);
  std::ranges::sort(nexts_, [](const Next& a, const Next& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.piece < b.piece;
  });
  if (nexts_.size() > most) nexts_.resize(most);
}

// Adds the most frequent pieces to nexts_.
void QueryMaker::list(const PairCounts::Nexts& nexts, std::size_t most) {
  order_.resize(nexts.labels.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  if (order_.size() > most) {
    std::ranges::nth_element(order_, order_.begin() + static_cast<std::ptrdiff_t>(most),
                             [&](std::size_t a, std::size_t b) {
                               return nexts.counts[a] != nexts.counts[b] ? nexts.counts[a] > nexts.counts[b] : a < b;
                             });
    order_.resize(most);
  }
  for (const std::size_t i : order_)
    nexts_.push_back({nexts.labels[i], 0});
}

double QueryMaker::probability(PieceId piece) const {
  double probability = 0;
  for (std::size_t i = contexts_.size(); i-- > 0;) {
    const auto& [nexts, total] = contexts_[i];
    const auto found = std::ranges::lower_bound(nexts.labels, piece);
    const bool is_found = found != nexts.labels.end() && *found == piece;
    const double count = is_found ? nexts.counts[static_cast<std::size_t>(found - nexts.labels.begin())] : 0;
    const auto different = static_cast<double>(nexts.labels.size());
    probability = (count + different * probability) / (total + different);
  }
  return probability;
}

void QueryMaker::grow(const Beginning& beginning, std::string_view begins_with) {
  find_nexts(beginning, begins_with, begins_with.empty() ? kBranches : kBeam);
  for (const auto& [piece, probability] : nexts_) {
    const double grown = beginning.probability * probability;
    if (is_hopeless(grown)) break;  // the rest is less likely
    const std::string_view text = grams_.pieces()[piece];
    if (text.empty()) {
      ended_sum_ += grown;
      ended_.push_back({.text = beginning.text,
                        .probability = grown,
                        .pieces = beginning.pieces,
                        .is_begun_known = beginning.is_known});
      continue;
    }
    grown_.push_back({.text = beginning.text + std::string(text),
                      .before = beginning.last,
                      .last = std::string(text),
                      .probability = grown,
                      .pieces = beginning.pieces + 1,
                      .is_known = beginning.is_known});
  }
}

// Makes made_ of ended_.
void QueryMaker::keep_ended() {
  // A text that was reached in several ways has the sum of their probabilities.
  std::ranges::stable_sort(ended_, {}, &MadeQuery::text);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < ended_.size(); ++i) {
    if (kept > 0 && ended_[kept - 1].text == ended_[i].text)
      ended_[kept - 1].probability += ended_[i].probability;
    else if (kept++ != i)
      ended_[kept - 1] = std::move(ended_[i]);
  }
  ended_.resize(kept);
  std::ranges::stable_sort(ended_, [](const MadeQuery& a, const MadeQuery& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.text < b.text;
  });
  for (MadeQuery& query : ended_) {
    query.share = query.probability / ended_sum_;
    if (query.share < kMinShare || made_.size() == kMade) break;
    const LabelId place = place_of(keys_, query.text);
    if (query.text == typed_ || (place < keys_.size() && keys_[place] == query.text)) continue;
    made_.push_back(std::move(query));
  }
}

}  // namespace xmr
