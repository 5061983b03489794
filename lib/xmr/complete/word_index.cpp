#include "xmr/complete/word_index.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "xmr/complete/prefix.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

using Holds = WordIndex::Holds;

std::size_t list_number(std::uint64_t word, Holds holds) {
  return WordIndex::kLists * word + static_cast<std::size_t>(holds);
}

void append_gap(std::uint32_t gap, std::vector<std::uint8_t>& bytes) {
  for (; gap >= 0x80; gap >>= 7)
    bytes.push_back(static_cast<std::uint8_t>(gap | 0x80U));
  bytes.push_back(static_cast<std::uint8_t>(gap));
}

// Returns true if the bytes are increasing ranks below `labels`.
bool are_ranks(std::span<const std::uint8_t> bytes, std::uint64_t labels) {
  std::uint64_t least = 0;  // the smallest possible next rank
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint64_t gap = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (at == bytes.size() || shift > 28) return false;
      gap |= std::uint64_t{bytes[at] & 0x7fU} << shift;
      if ((bytes[at++] & 0x80U) == 0) break;
    }
    least += gap + 1;
    if (least > labels) return false;
  }
  return true;
}

}  // namespace

WordIndexTable::WordIndexTable(const StringTable& keys, std::span<const std::uint32_t> counts) : by_rank_(keys.size()) {
  std::iota(by_rank_.begin(), by_rank_.end(), LabelId{0});
  std::ranges::stable_sort(by_rank_, [&](LabelId a, LabelId b) { return counts[a] > counts[b]; });
  TextNumbers texts;
  std::vector<std::array<std::vector<LabelRank>, WordIndex::kLists>> lists;  // of each text
  Words words;
  for (LabelRank rank = 0; rank < by_rank_.size(); ++rank) {
    const std::string_view key = keys[by_rank_[rank]];
    words.read(key);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::uint32_t number = texts.number(words[i]);
      if (number == lists.size()) lists.emplace_back();
      auto& of_word = lists[number];
      const bool begins = i == 0 && key.starts_with(words[i]);
      auto& list = of_word[static_cast<std::size_t>(begins ? Holds::begin : Holds::inside)];
      const auto is_last = [&](const auto& ranks) { return !ranks.empty() && ranks.back() == rank; };
      if (!std::ranges::any_of(of_word, is_last)) list.push_back(rank);
    }
  }
  for (const std::uint32_t number : texts.increasing()) {
    words_.add(texts.text(number));
    for (const auto& ranks : lists[number]) {
      LabelRank least = 0;
      for (const LabelRank rank : ranks) {
        append_gap(rank - least, postings_);
        least = rank + 1;
      }
      if (postings_.size() > std::numeric_limits<std::uint32_t>::max())
        throw DataError("the labels", "the lists of their words have 4 GiB or more");
      offsets_.push_back(static_cast<std::uint32_t>(postings_.size()));
    }
  }
}

void WordIndexTable::write(NpzWriter& out, const std::string& prefix) const {
  words_.write(out, prefix + "texts/");
  out.add(prefix + "offsets", offsets_);
  out.add(prefix + "postings", postings_);
  out.add(prefix + "labels", by_rank_);
}

WordIndex WordIndexTable::view() const {
  WordIndex view;
  view.words_ = words_.view();
  view.offsets_ = offsets_;
  view.postings_ = postings_;
  view.by_rank_ = by_rank_;
  view.find_best();
  return view;
}

WordIndex WordIndex::read(const NpzFile& file, const std::string& prefix, std::uint64_t labels) {
  const auto fail = [&](const char* member, std::string_view what) {
    throw FormatError(file.name(), fmt::format("member {}{}: {}", prefix, member, what));
  };
  for (const char* member : {"texts/offsets", "texts/bytes", "offsets", "postings", "labels"})
    file.check(prefix + member);
  WordIndex index;
  index.words_ = read_string_table(file, prefix + "texts/");
  index.offsets_ = file.array<std::uint32_t>(prefix + "offsets");
  index.postings_ = file.array<std::uint8_t>(prefix + "postings");
  index.by_rank_ = file.array<LabelId>(prefix + "labels");
  if (index.words_.size() >= kMaxColumns) fail("texts/offsets", "too many words");
  if (index.offsets_.size() != kLists * index.words_.size() + 1 || index.offsets_.front() != 0 ||
      index.offsets_.back() != index.postings_.size() || !std::ranges::is_sorted(index.offsets_))
    fail("offsets", "they do not fit the words and postings");
  if (index.by_rank_.size() != labels) fail("labels", fmt::format("{} numbers, not {}", index.by_rank_.size(), labels));
  if (std::ranges::any_of(index.by_rank_, [&](LabelId label) { return label >= labels; }))
    fail("labels", fmt::format("a label outside 0..{}", labels - 1));
  for (std::uint32_t word = 0; word < index.words(); ++word)
    for (const Holds holds : {Holds::begin, Holds::inside})
      if (!are_ranks(index.list(word, holds), labels))
        fail("postings", fmt::format("list {} of word {} does not hold increasing ranks below {}",
                                     static_cast<int>(holds), word, labels));
  index.find_best();
  return index;
}

void WordIndex::find_best() {
  for (const Holds holds : {Holds::begin, Holds::inside}) {
    auto& first = first_[static_cast<std::size_t>(holds)];
    auto& levels = best_[static_cast<std::size_t>(holds)];
    for (std::uint32_t word = 0; word < words(); ++word)
      first.push_back(RankList(list(word, holds)).rank());
    std::vector<std::uint32_t> all(words());
    std::iota(all.begin(), all.end(), std::uint32_t{0});
    for (std::span<const std::uint32_t> below = all; below.size() > 1; below = levels.back()) {
      std::vector<std::uint32_t> above;
      for (std::size_t begin = 0; begin < below.size(); begin += kBranching)
        above.push_back(
            *std::ranges::min_element(below.subspan(begin, std::min<std::size_t>(kBranching, below.size() - begin)), {},
                                      [&](std::uint32_t word) { return first[word]; }));
      levels.push_back(std::move(above));
    }
  }
}

LabelRange WordIndex::beginning_with(std::string_view text) const {
  return prefix_range(words_, text);
}

LabelRange WordIndex::equal(std::string_view text) const {
  const LabelId place = place_of(words_, text);
  return {place, place < words() && words_[place] == text ? place + 1 : place};
}

std::uint64_t WordIndex::bytes(LabelRange words) const {
  return offsets_[kLists * words.last] - offsets_[kLists * words.first];
}

std::span<const std::uint8_t> WordIndex::list(std::uint32_t word, Holds holds) const {
  const std::size_t number = list_number(word, holds);
  return postings_.subspan(offsets_[number], offsets_[number + 1] - offsets_[number]);
}

// Goes up from both ends of the range: single words up to a multiple of 16, then whole nodes of each level.
std::uint32_t WordIndex::best(Holds holds, std::uint32_t first, std::uint32_t last) const {
  const auto& ranks = first_[static_cast<std::size_t>(holds)];
  const auto& levels = best_[static_cast<std::size_t>(holds)];
  std::uint32_t best = first;
  const auto try_word = [&](std::uint32_t word) {
    if (ranks[word] < ranks[best]) best = word;
  };
  std::uint32_t begin = first, end = last;
  for (std::size_t level = 0; begin < end; ++level) {
    const auto word_of = [&](std::uint32_t node) { return level == 0 ? node : levels[level - 1][node]; };
    if (level == levels.size() || end - begin < 2 * kBranching) {
      for (; begin < end; ++begin)
        try_word(word_of(begin));
      break;
    }
    for (; begin % kBranching != 0; ++begin)
      try_word(word_of(begin));
    for (; end % kBranching != 0; --end)
      try_word(word_of(end - 1));
    begin /= kBranching;
    end /= kBranching;
  }
  return best;
}

WordSearch::WordSearch(const WordIndex& index, const StringTable& keys, const std::vector<bool>* allowed)
    : index_(index), keys_(keys), allowed_(allowed) {
  if (allowed == nullptr || std::ranges::count(*allowed, true) > static_cast<std::ptrdiff_t>(kMaxChecked)) return;
  for (LabelRank rank = 0; rank < keys.size(); ++rank)
    if (is_allowed(rank)) few_.push_back(rank);
}

void WordSearch::operator()(const Words& typed, LabelRange without, std::size_t k, std::vector<LabelId>& found) {
  if (typed.size() == 0 || k == 0) return;
  typed_ = &typed;
  without_ = without;
  wanted_ = k;
  checked_ = 0;
  found_ = &found;
  if (!few_.empty()) {
    for (const LabelRank rank : few_)
      if (!offer(rank)) return;
    return;
  }
  const LabelRange last =
      typed.is_open() ? index_.beginning_with(typed.beginning()) : LabelRange{0, static_cast<LabelId>(index_.words())};
  if (last.empty()) return;
  if (typed.finished() == 0) {
    // Labels of Holds::begin begin with the typed text, unless its bytes differ from its folded form.
    search_union(last, without.empty() || !typed.is_plain() || !typed.begins_with_word());
    return;
  }
  finished_.clear();
  std::uint64_t least = index_.bytes(last);
  bool is_last_rarest = typed.is_open();
  for (std::size_t i = 0; i < typed.finished(); ++i) {
    const LabelRange word = index_.equal(typed[i]);
    if (word.empty()) return;
    finished_.push_back(word);
    if (index_.bytes(word) <= least) is_last_rarest = false;
  }
  if (is_last_rarest)
    search_union(last, true);
  else
    search_common();
}

// Offers the labels of the lists of all words in a range, by rank.
void WordSearch::search_union(LabelRange words, bool with_begin) {
  heap_.clear();
  push(words.first, words.last, Holds::inside);
  if (with_begin) push(words.first, words.last, Holds::begin);
  LabelRank before = WordIndex::kNoRank;
  const auto is_later = [](const Interval& a, const Interval& b) { return a.rank > b.rank; };
  for (std::size_t ranks = 0; !heap_.empty() && ranks < kMaxMerged;) {
    std::ranges::pop_heap(heap_, is_later);
    Interval next = heap_.back();
    heap_.pop_back();
    const bool is_whole = next.first < next.last;
    if (is_whole) {
      push(next.first, next.word, next.holds);
      push(next.word + 1, next.last, next.holds);
      next.list = RankList(index_.list(next.word, next.holds));
      next.first = next.last;
    }
    const LabelRank rank = next.rank;
    next.list.next();
    next.rank = next.list.rank();
    push(next);
    if (!is_allowed(rank)) continue;
    ++ranks;
    if (rank != before && !offer(rank, typed_->finished() == 0)) return;
    before = rank;
  }
}

void WordSearch::push(std::uint32_t first, std::uint32_t last, Holds holds) {
  if (first >= last) return;
  const std::uint32_t word = index_.best(holds, first, last);
  push({.rank = index_.first(word, holds), .first = first, .last = last, .word = word, .holds = holds, .list = {}});
}

void WordSearch::push(Interval interval) {
  if (interval.rank == WordIndex::kNoRank) return;
  heap_.push_back(interval);
  std::ranges::push_heap(heap_, [](const Interval& a, const Interval& b) { return a.rank > b.rank; });
}

// Offers the labels that all lists of finished words hold, by rank.
void WordSearch::search_common() {
  lists_.clear();
  for (const LabelRange word : finished_)
    for (const Holds holds : {Holds::begin, Holds::inside})
      lists_.emplace_back(index_.list(word.first, holds));
  const auto rank_of = [&](std::size_t word) { return std::min(lists_[2 * word].rank(), lists_[2 * word + 1].rank()); };
  std::size_t ranks = 0;
  const auto go_to = [&](std::size_t word, LabelRank least) {
    for (RankList* list : {&lists_[2 * word], &lists_[2 * word + 1]})
      for (; list->rank() < least && ranks < kMaxRanks; list->next())
        ranks += is_allowed(list->rank()) ? 1 : 0;
  };
  for (LabelRank rank = 0;;) {
    std::size_t same = 0;  // words whose next rank is `rank`
    for (std::size_t word = 0; word < finished_.size(); ++word) {
      go_to(word, rank);
      if (ranks == kMaxRanks || rank_of(word) == WordIndex::kNoRank) return;
      if (rank_of(word) == rank)
        ++same;
      else
        rank = rank_of(word);
    }
    if (same < finished_.size()) continue;
    if (is_allowed(rank) && !offer(rank)) return;
    ++rank;
  }
}

// Adds the label of a rank if it holds the typed words; `holds`: it is known to. Returns false if the search is over.
bool WordSearch::offer(LabelRank rank, bool holds) {
  const LabelId label = index_.label(rank);
  if (without_.contains(label)) return true;
  ++checked_;
  if (holds || find_words(*typed_, keys_[label], label_)) {
    found_->push_back(label);
    --wanted_;
  }
  return wanted_ > 0 && checked_ < kMaxChecked;
}

}  // namespace xmr
