#include "xmr/complete/query_maker.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "xmr/complete/prefix.hpp"
#include "xmr/complete/words.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr double kOfUnknown = 1e-4;  // probability of a typed word that is no known piece
constexpr double kOtherOrder = 0.1;  // odds of another order of the typed words, before their probability
constexpr double kOfPrevious = 0.2;  // probability of the pieces of the previous query

// Returns the bytes of a piece before its word.
std::size_t separator_size(std::string_view piece) {
  std::size_t size = 0;
  while (size < piece.size()) {
    const DecodedPoint next = decode_utf8(piece.substr(size));
    if (is_word_point(next.point)) break;
    size += next.length;
  }
  return size;
}

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
  if (prefix_range(keys_, typed).empty()) add_other_orders(previous);
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

// Reads words and separators of the typed text. Returns false if there are no other orders.
bool QueryMaker::read_ordered() {
  words_.clear();
  separators_.clear();
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const std::size_t separator = separator_size(pieces_[i]);
    is_last_open_ = separator < pieces_[i].size();
    if (is_last_open_) words_.push_back(pieces_[i].substr(separator));
    add_separator(pieces_[i].substr(0, separator));
  }
  for (const std::string_view piece : of_previous_)
    add_separator(piece.substr(0, separator_size(piece)));
  return !words_.empty() && words_.size() <= kMaxOrdered && !separators_.empty();
}

void QueryMaker::add_separator(std::string_view separator) {
  if (!separator.empty() && separators_.size() < kSeparators &&
      std::ranges::find(separators_, separator) == separators_.end())
    separators_.push_back(separator);
}

// Adds the beginnings that hold all typed words, not as they were typed.
void QueryMaker::add_other_orders(std::string_view previous) {
  of_previous_.clear();
  if (previous.size() <= kMaxTyped) {
    previous_.assign(previous);
    cut_pieces(previous_, of_previous_);
  }
  if (!read_ordered()) return;
  Beginning start;
  for (const std::string_view piece : std::span(pieces_).first(pieces_.size() - 1)) {
    start.probability *= probability(start, piece);
    start.before = std::exchange(start.last, std::string(piece));
  }
  start = {.text = {},
           .before = {},
           .last = {},
           .probability = kOtherOrder / start.probability,
           .pieces = 1,
           .is_known = false};
  orders_.assign(1, start);
  for (const std::string_view piece : std::span(of_previous_).first(std::min(kOfPreviousPieces, of_previous_.size()))) {
    if (std::ranges::find(words_, piece.substr(separator_size(piece))) != words_.end()) break;
    start.text += piece;
    start.before = std::exchange(start.last, std::string(piece));
    start.probability *= kOfPrevious;
    orders_.push_back(start);
  }
  for (std::size_t step = 0; step < words_.size(); ++step) {
    grown_orders_.clear();
    for (const Beginning& beginning : orders_)
      for (std::size_t word = 0; word < words_.size(); ++word) {
        if ((beginning.used >> word & 1U) != 0) continue;
        if (beginning.text.empty())
          add_word(beginning, word, {});
        else
          for (const std::string_view separator : separators_)
            add_word(beginning, word, separator);
      }
    std::ranges::stable_sort(grown_orders_, std::greater(), &Beginning::probability);
    if (grown_orders_.size() > kOrders) grown_orders_.resize(kOrders);
    orders_.swap(grown_orders_);
  }
  for (Beginning& beginning : orders_)
    if (!beginning.text.starts_with(typed_) && !typed_.starts_with(beginning.text))
      grown_.push_back(std::move(beginning));
}

// Adds a beginning with a typed word behind it; the last word is completed.
void QueryMaker::add_word(const Beginning& beginning, std::size_t word, std::string_view separator) {
  const auto add = [&](std::string_view piece, double probability) {
    grown_orders_.push_back({.text = beginning.text + std::string(piece),
                             .before = beginning.last,
                             .last = std::string(piece),
                             .probability = beginning.probability * probability,
                             .pieces = 1,
                             .is_known = false,
                             .used = beginning.used | 1U << word});
  };
  piece_.assign(separator).append(words_[word]);
  const bool is_open = is_last_open_ && word + 1 == words_.size();
  if (!is_open) {
    add(piece_, probability(beginning, piece_));
    return;
  }
  find_nexts(beginning, piece_, kOrderBranches);
  for (const auto& [piece, probability] : nexts_)
    add(grams_.pieces()[piece], probability);
  if (std::ranges::none_of(nexts_, [&](const Next& next) { return grams_.pieces()[next.piece] == piece_; }))
    add(piece_, kOfUnknown);
}

// Finds the contexts behind a beginning.
void QueryMaker::find_contexts(const Beginning& beginning) {
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
}

// Finds the most likely pieces behind a beginning that begin with a text, in nexts_.
void QueryMaker::find_nexts(const Beginning& beginning, std::string_view begins_with, std::size_t most) {
  find_contexts(beginning);
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

// Returns the probability of a piece behind a beginning; kOfUnknown if no query has it there.
double QueryMaker::probability(const Beginning& beginning, std::string_view piece) {
  const LabelId place = place_of(grams_.pieces(), piece);
  if (place == grams_.pieces().size() || grams_.pieces()[place] != piece) return kOfUnknown;
  find_contexts(beginning);
  if (!beginning.last.empty() && !any_.nexts.labels.empty()) contexts_.push_back(any_);
  const double found = probability(place);
  return found > 0 ? found : kOfUnknown;
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
    if (typed_.starts_with(query.text) || (place < keys_.size() && keys_[place] == query.text)) continue;
    made_.push_back(std::move(query));
  }
}

}  // namespace xmr
