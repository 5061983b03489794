#include "xmr/featurize/merge.hpp"

#include <algorithm>

#include "xmr/util/error.hpp"
#include "xmr/util/parallel_sort.hpp"
#include "xmr/util/vector_sort.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 15;  // entries of a step

// Numbers the items of several parts consecutively.
class Parts {
 public:
  void add(std::size_t size) { begins_.push_back(begins_.back() + size); }
  std::size_t size() const { return begins_.back(); }
  std::size_t begin(std::size_t part) const { return begins_[part]; }
  std::size_t part_of(std::size_t i) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(begins_, i) - begins_.begin()) - 1;
  }

 private:
  std::vector<std::size_t> begins_{0};
};

struct WordEntry {
  std::uint64_t first_bytes;
  std::uint32_t collector, number;
};

// Returns the first bytes of a word as a number with the same order, so that most comparisons are one.
std::uint64_t first_bytes(std::string_view word) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < 8; ++i)
    bytes = (bytes << 8) | (i < word.size() ? static_cast<unsigned char>(word[i]) : 0);
  return bytes;
}

// Returns the first kFirstSymbols symbols of an n-gram as a number with the same order, so that most comparisons are
// one.
constexpr std::size_t kFirstSymbols = 2;
std::uint64_t first_symbols(std::span<const std::uint32_t> padded) {
  const std::uint64_t second = padded.size() > 1 ? order_of(padded[1]) : 0;
  return (std::uint64_t{order_of(padded[0])} << 32) | second;
}

// An n-gram, ordered by its first symbols, with its rows and its number in Parts as value.
using GramEntry = KeyedValue;
GramEntry entry_of(std::uint64_t first_symbols, std::uint32_t rows, std::uint32_t number) {
  return {.value = (std::uint64_t{rows} << 32) | number, .key = first_symbols};
}
std::uint32_t rows_of(const GramEntry& entry) {
  return static_cast<std::uint32_t>(entry.value >> 32);
}
std::uint32_t number_of(const GramEntry& entry) {
  return static_cast<std::uint32_t>(entry.value);
}

// The n-grams of all counters, numbered consecutively.
class AllGrams {
 public:
  explicit AllGrams(std::span<const GramCounter* const> counters)
      : counters_(counters), width_(counters.front()->grams().width) {
    for (const GramCounter* counter : counters)
      parts_.add(counter->size());
    if (parts_.size() > kNoEntry)
      throw DataError("more than 4294967295 n-grams in all threads; --hash bounds their number");
  }

  std::size_t size() const { return parts_.size(); }
  std::uint32_t width() const { return width_; }
  std::span<const std::uint32_t> symbols(std::uint32_t number) const {
    const std::size_t part = parts_.part_of(number);
    return counters_[part]->grams().symbols.subspan((number - parts_.begin(part)) * width_, width_);
  }
  std::uint32_t rows(std::uint32_t number) const {
    const std::size_t part = parts_.part_of(number);
    return counters_[part]->rows(number - parts_.begin(part));
  }
  bool less(const GramEntry& a, const GramEntry& b) const {
    if (a.key != b.key || width_ <= kFirstSymbols) return a.key < b.key;
    return gram_less(symbols(number_of(a)).subspan(kFirstSymbols), symbols(number_of(b)).subspan(kFirstSymbols));
  }

 private:
  std::span<const GramCounter* const> counters_;
  std::uint32_t width_;
  Parts parts_;
};

std::vector<GramEntry> sorted_entries(Parallel& parallel, const AllGrams& grams) {
  std::vector<GramEntry> entries(grams.size());
  parallel.for_blocks(grams.size(), kBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto number = static_cast<std::uint32_t>(i);
      entries[i] = entry_of(first_symbols(grams.symbols(number)), grams.rows(number), number);
    }
  });
  const auto less = [&](const GramEntry& a, const GramEntry& b) { return grams.less(a, b); };
  parallel_sort(parallel, entries, less, [&](std::span<GramEntry> range) {
    vector_sort(range);
    if (grams.width() <= kFirstSymbols) return;
    for (auto begin = range.begin(), end = begin; begin != range.end(); begin = end) {
      while (end != range.end() && end->key == begin->key)
        ++end;
      std::sort(begin, end, less);
    }
  });
  return entries;
}

// Joins the entries of the same n-gram and keeps those with a number of rows within the bounds.
void add_up(const AllGrams& grams, const RowBounds& bounds, std::vector<GramEntry>& entries) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries.size();) {
    const GramEntry first = entries[i];
    std::uint32_t rows = 0;
    for (; i < entries.size() && !grams.less(first, entries[i]); ++i)
      rows += rows_of(entries[i]);
    if (bounds.allow(rows)) entries[kept++] = entry_of(first.key, rows, number_of(first));
  }
  entries.resize(kept);
}

}  // namespace

MergedWords merge_words(Parallel& parallel, std::span<const WordCollector* const> collectors) {
  MergedWords merged;
  std::vector<WordEntry> entries;
  for (std::uint32_t c = 0; c < collectors.size(); ++c) {
    merged.positions.emplace_back(collectors[c]->size());
    for (std::uint32_t i = 0; i < collectors[c]->size(); ++i)
      entries.push_back({first_bytes(collectors[c]->word(i)), c, i});
  }
  const auto word = [&](const WordEntry& entry) { return collectors[entry.collector]->word(entry.number); };
  parallel_sort(parallel, entries, [&](const WordEntry& a, const WordEntry& b) {
    return a.first_bytes != b.first_bytes ? a.first_bytes < b.first_bytes : word(a) < word(b);
  });
  for (const WordEntry& entry : entries) {
    if (merged.words.empty() || merged.words.back() != word(entry)) merged.words.push_back(word(entry));
    merged.positions[entry.collector][entry.number] = static_cast<std::uint32_t>(merged.words.size() - 1);
  }
  if (merged.words.size() > kNoEntry) throw DataError("more than 4294967295 different words");
  return merged;
}

CountedGrams sum_grams(Parallel& parallel, std::span<const GramCounter* const> counters, const RowBounds& bounds) {
  const AllGrams grams(counters);
  std::vector<GramEntry> entries = sorted_entries(parallel, grams);
  add_up(grams, bounds, entries);

  const std::size_t width = grams.width();
  CountedGrams counted{std::vector<std::uint32_t>(entries.size() * width), std::vector<std::uint32_t>(entries.size())};
  parallel.for_blocks(entries.size(), kBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t i = begin; i < end; ++i) {
      counted.rows[i] = rows_of(entries[i]);
      std::ranges::copy(grams.symbols(number_of(entries[i])),
                        counted.symbols.begin() + static_cast<std::ptrdiff_t>(i * width));
    }
  });
  return counted;
}

}  // namespace xmr
