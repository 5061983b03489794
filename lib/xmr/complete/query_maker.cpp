#include "xmr/complete/query_maker.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "xmr/complete/keep_largest.hpp"
#include "xmr/complete/prefix.hpp"
#include "xmr/complete/words.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr double kOfUnknown = 1e-4;      // probability of a typed word that is no known piece
constexpr double kOtherOrder = 0.1;      // odds of another order of the typed words, before their probability
constexpr double kBehindPrevious = 0.2;  // probability of each of its first pieces before the typed words
constexpr double kOfPrevious = 0.1;      // weight of the previous query as a source of pieces
constexpr double kFollows = 0.7;         // there, of the word that is the next one in the previous query too
constexpr double kNew = 0.1;             // odds of a piece that no query holds, against one that a query holds
constexpr LabelId kFewPieces = 64;       // the largest number of pieces that begin as typed and are all compared
constexpr LabelId kFewNew = 8;           // the same for words that the log has behind another separator

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

}  // namespace

QueryMaker::QueryMaker(const QueryGrams& grams, const StringTable& keys) : grams_(grams), keys_(keys) {
  any_ = context_of("");
  first_ = context_of("\t");
  list(any_.nexts, kBranches);
  for (const Next& next : nexts_)
    best_of_any_.push_back(next.piece);
  for (const LabelId piece : best_of_any_) {
    const std::string_view text = grams.pieces()[piece];
    if (!text.empty() && usual_separator_.empty()) usual_separator_ = text.substr(0, separator_size(text));
  }
}

QueryMaker::Context QueryMaker::context_of(std::string_view text) const {
  const PairCounts::Nexts nexts = grams_.contexts().nexts(text);
  return {nexts, static_cast<double>(std::accumulate(nexts.counts.begin(), nexts.counts.end(), std::uint64_t{0}))};
}

void QueryMaker::operator()(std::string_view previous, std::string_view typed) {
  made_.clear();
  ended_.clear();
  ended_sum_ = 0;
  if (typed.size() > kMaxTyped || count_points(typed) < kMinCharacters) return;
  typed_.assign(typed);
  cut_pieces(typed_, pieces_);
  const std::string_view last = pieces_.back();
  Beginning finished{.text = typed_.substr(0, typed_.size() - last.size())};
  if (pieces_.size() > 1) finished.last_size = pieces_[pieces_.size() - 2].size();
  if (pieces_.size() > 2) finished.before_size = pieces_[pieces_.size() - 3].size();
  beam_.clear();
  grown_.clear();
  read_previous(previous);
  grow(finished, last);
  // The typed word may be whole, though no query has it.
  const LabelId place = place_of(grams_.pieces(), last);
  if (place == grams_.pieces().size() || grams_.pieces()[place] != last)
    grown_.push_back({.text = typed_,
                      .last_size = last.size(),
                      .before_size = finished.last_size,
                      .probability = kOfUnknown,
                      .pieces = 1,
                      .is_known = false});
  typed_range_ = prefix_range(keys_, typed_);
  if (typed_range_.empty()) add_other_orders();
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

// Reads the words of the previous query as pieces.
void QueryMaker::read_previous(std::string_view previous) {
  of_previous_.clear();
  previous_words_.clear();
  new_pieces_.clear();
  if (previous.empty() || previous.size() > kMaxTyped) return;
  previous_.assign(previous);
  cut_pieces(previous_, of_previous_);
  std::string_view before;
  for (const std::string_view piece : of_previous_) {
    const std::size_t separator = separator_size(piece);
    const std::string_view word = piece.substr(separator);
    if (word.empty()) continue;
    previous_words_.push_back(
        {word, before, number_of(separator == 0 ? usual_separator_ : piece.substr(0, separator), word)});
    before = word;
  }
}

// Returns the number of a piece, which may be new.
PieceId QueryMaker::number_of(std::string_view separator, std::string_view word) {
  piece_.assign(separator).append(word);
  const LabelId place = place_of(grams_.pieces(), piece_);
  if (place < grams_.pieces().size() && grams_.pieces()[place] == piece_) return place;
  const auto found = std::ranges::find(new_pieces_, piece_);
  const auto number = grams_.pieces().size() + static_cast<std::size_t>(found - new_pieces_.begin());
  if (found == new_pieces_.end()) new_pieces_.push_back(piece_);
  return static_cast<PieceId>(number);
}

// Adds the words of the previous query that are not in the beginning.
void QueryMaker::list_previous(const Beginning& beginning, std::string_view begins_with) {
  const std::size_t separator = separator_size(begins_with);
  const std::string_view begun = begins_with.substr(separator);
  for (const OfPrevious& next : previous_words_) {
    if (!next.word.starts_with(begun) || beginning.text.find(next.word) != std::string::npos) continue;
    nexts_.push_back({begins_with.empty() ? next.piece : number_of(begins_with.substr(0, separator), next.word), 0});
  }
}

// Adds the pieces that begin with a text, `range`, if they are few, and if need be those with another separator.
void QueryMaker::list_vocabulary(std::string_view begins_with, LabelRange range) {
  const StringTable& pieces = grams_.pieces();
  if (range.size() > kFewPieces) return;
  for (LabelId piece = range.first; piece < range.last; ++piece)
    nexts_.push_back({piece, 0});
  const std::size_t separator = separator_size(begins_with);
  if (range.size() > kFewNew || separator == begins_with.size()) return;
  piece_.assign(separator == 0 ? usual_separator_ : std::string_view()).append(begins_with.substr(separator));
  const LabelRange others = prefix_range(pieces, piece_);
  if (others.size() > kFewNew) return;
  for (LabelId piece = others.first; piece < others.last; ++piece)
    nexts_.push_back(
        {number_of(begins_with.substr(0, separator), pieces[piece].substr(separator_size(pieces[piece]))), 0});
}

// Returns the probability that the previous query gives to a piece.
double QueryMaker::of_previous(const Beginning& beginning, PieceId piece) const {
  const std::string_view text = text_of(piece);
  const auto may_be = [&](const OfPrevious& next) { return text.ends_with(next.word); };
  if (!text.empty() && std::ranges::none_of(previous_words_, may_be)) return 0;
  const std::string_view last = beginning.last().substr(separator_size(beginning.last()));
  const std::string_view word = text.substr(separator_size(text));
  bool follows = text.empty() && last == previous_words_.back().word, has_next = follows, is_word = false;
  for (const OfPrevious& next : previous_words_) {
    if (next.before == last) has_next = true;
    if (next.word != word) continue;
    is_word = true;
    if (next.before == last) follows = true;
  }
  return (follows ? kFollows : 0) +
         (is_word ? (has_next ? 1 - kFollows : 1) / static_cast<double>(previous_words_.size()) : 0);
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
void QueryMaker::add_other_orders() {
  if (!read_ordered()) return;
  Beginning start;
  for (const std::string_view piece : std::span(pieces_).first(pieces_.size() - 1)) {
    start.append(piece, probability(start, piece));
  }
  start = {.text = {}, .probability = kOtherOrder / start.probability, .pieces = 1, .is_known = false};
  orders_.assign(1, start);
  for (const std::string_view piece : std::span(of_previous_).first(std::min(kOfPreviousPieces, of_previous_.size()))) {
    if (std::ranges::find(words_, piece.substr(separator_size(piece))) != words_.end()) break;
    start.append(piece, kBehindPrevious);
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
    Beginning& grown = grown_orders_.emplace_back(beginning);
    grown.append(piece, probability);
    grown.used |= 1U << word;
  };
  piece_.assign(separator).append(words_[word]);
  const bool is_open = is_last_open_ && word + 1 == words_.size();
  if (!is_open) {
    add(piece_, probability(beginning, piece_));
    return;
  }
  begun_ = piece_;
  find_nexts(beginning, begun_, kOrderBranches);
  for (const auto& [piece, probability] : nexts_)
    add(text_of(piece), probability);
  piece_.assign(separator).append(words_[word]);
  if (std::ranges::none_of(nexts_, [&](const Next& next) { return text_of(next.piece) == piece_; }))
    add(piece_, kOfUnknown);
}

// Finds the contexts behind a beginning.
void QueryMaker::find_contexts(const Beginning& beginning) {
  contexts_.clear();
  const auto add = [&](const Context& context) {
    if (!context.nexts.labels.empty()) contexts_.push_back(context);
  };
  if (beginning.last_size == 0) {
    add(first_);
    return;
  }
  context_.assign("\t").append(beginning.before()).append("\t").append(beginning.last());
  add(context_of(context_));
  context_.assign("\t").append(beginning.last());
  add(context_of(context_));
}

// Finds the most likely pieces behind a beginning that begin with a text, in nexts_.
void QueryMaker::find_nexts(const Beginning& beginning, std::string_view begins_with, std::size_t most) {
  find_contexts(beginning);
  const bool has_any = beginning.last_size > 0 && !any_.nexts.labels.empty();
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
    list_vocabulary(begins_with, range);
  }
  list_previous(beginning, begins_with);
  std::ranges::sort(nexts_, {}, &Next::piece);
  const auto is_same = [](const Next& a, const Next& b) { return a.piece == b.piece; };
  nexts_.erase(std::unique(nexts_.begin(), nexts_.end(), is_same), nexts_.end());
  for (Next& next : nexts_)
    next.probability = probability(beginning, next.piece);
  std::ranges::sort(nexts_, [](const Next& a, const Next& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.piece < b.piece;
  });
  if (nexts_.size() > most) nexts_.resize(most);
}

// Adds the most frequent pieces to nexts_.
void QueryMaker::list(const PairCounts::Nexts& nexts, std::size_t most) {
  order_.resize(nexts.labels.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  keep_largest(order_, most, [&](std::size_t i) { return nexts.counts[i]; });
  for (const std::size_t i : order_)
    nexts_.push_back({nexts.labels[i], 0});
}

double QueryMaker::probability(const Beginning& beginning, PieceId piece) const {
  const std::size_t known = grams_.pieces().size();
  double probability = (piece < known ? 1 : kNew) / static_cast<double>(known);
  for (std::size_t i = contexts_.size(); i-- > 0;) {
    const auto& [nexts, total] = contexts_[i];
    const auto found = std::ranges::lower_bound(nexts.labels, piece);
    const bool is_found = found != nexts.labels.end() && *found == piece;
    const double count = is_found ? nexts.counts[static_cast<std::size_t>(found - nexts.labels.begin())] : 0;
    const auto different = static_cast<double>(nexts.labels.size());
    probability = (count + different * probability) / (total + different);
  }
  if (previous_words_.empty()) return probability;
  return (1 - kOfPrevious) * probability + kOfPrevious * of_previous(beginning, piece);
}

// Returns the probability of a piece behind a beginning; kOfUnknown if no query has it there.
double QueryMaker::probability(const Beginning& beginning, std::string_view piece) {
  const LabelId place = place_of(grams_.pieces(), piece);
  if (place == grams_.pieces().size() || grams_.pieces()[place] != piece) return kOfUnknown;
  find_contexts(beginning);
  if (beginning.last_size > 0 && !any_.nexts.labels.empty()) contexts_.push_back(any_);
  return probability(beginning, place);
}

void QueryMaker::grow(const Beginning& beginning, std::string_view begins_with) {
  find_nexts(beginning, begins_with, begins_with.empty() ? kBranches : kBeam);
  for (const auto& [piece, probability] : nexts_) {
    const double grown = beginning.probability * probability;
    if (is_hopeless(grown)) break;  // the rest is less likely
    const std::string_view text = text_of(piece);
    if (text.empty()) {
      ended_sum_ += grown;
      ended_.push_back({.text = beginning.text,
                        .probability = grown,
                        .pieces = beginning.pieces,
                        .is_begun_known = beginning.is_known});
      continue;
    }
    Beginning& longer = grown_.emplace_back(beginning);
    longer.append(text, probability);
    ++longer.pieces;
  }
}

// Makes made_ of ended_.
void QueryMaker::keep_ended() {
  // A text that was reached in several ways has the sum of their probabilities.
  std::ranges::stable_sort(ended_, {}, &MadeQuery::text);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < ended_.size(); ++i) {
    if (kept > 0 && ended_[kept - 1].text == ended_[i].text) {
      ended_[kept - 1].probability += ended_[i].probability;
      ended_[kept - 1].is_begun_known |= ended_[i].is_begun_known;
    } else if (kept++ != i) {
      ended_[kept - 1] = std::move(ended_[i]);
    }
  }
  ended_.resize(kept);
  std::ranges::stable_sort(ended_, [](const MadeQuery& a, const MadeQuery& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.text < b.text;
  });
  for (MadeQuery& query : ended_) {
    query.share = query.probability / ended_sum_;
    if (query.share < kMinShare || made_.size() == kMade) break;
    const LabelId place =
        query.text.starts_with(typed_) ? place_of(keys_, query.text, typed_range_) : place_of(keys_, query.text);
    const bool is_typed = query.text == typed_ && query.is_begun_known;
    if ((typed_.starts_with(query.text) && !is_typed) || (place < keys_.size() && keys_[place] == query.text)) continue;
    made_.push_back(std::move(query));
  }
}

}  // namespace xmr
