#include "xmr/featurize/merge.hpp"

#include <algorithm>
#include <functional>

#include "xmr/util/error.hpp"
#include "xmr/util/parallel_sort.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 15;  // of entries that one step works on

// Items of several parts, numbered through.
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

// The first bytes of a word as a number that orders like them, so that most comparisons are one.
std::uint64_t first_bytes(std::string_view word) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < 8; ++i)
    bytes = (bytes << 8) | (i < word.size() ? static_cast<unsigned char>(word[i]) : 0);
  return bytes;
}

// Orders symbols: an unused one (0xFFFFFFFF) comes before all others.
std::uint32_t order_of(std::uint32_t symbol) {
  return symbol + 1;
}

// The first kFirstSymbols symbols of an n-gram as a number that orders like them, so that most comparisons are one.
constexpr std::size_t kFirstSymbols = 2;
std::uint64_t first_symbols(std::span<const std::uint32_t> padded) {
  const std::uint64_t second = padded.size() > 1 ? order_of(padded[1]) : 0;
  return (std::uint64_t{order_of(padded[0])} << 32) | second;
}

struct GramEntry {
  std::uint64_t first_symbols;
  std::uint32_t rows;
  std::uint32_t number;  // in Parts
};

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

RankedGrams rank_grams(Parallel& parallel, std::span<const GramCounter* const> counters, const GramBounds& bounds) {
  Parts parts;
  for (const GramCounter* counter : counters)
    parts.add(counter->size());
  if (parts.size() > kNoEntry)
    throw DataError("more than 4294967295 n-grams in all threads; --hash bounds their number");
  const std::uint32_t width = counters.front()->grams().width;
  const auto symbols = [&](std::uint32_t number) {
    const std::size_t part = parts.part_of(number);
    return counters[part]->grams().symbols.subspan((number - parts.begin(part)) * width, width);
  };

  std::vector<GramEntry> entries(parts.size());
  parallel.for_blocks(parts.size(), kBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto number = static_cast<std::uint32_t>(i);
      const std::size_t part = parts.part_of(i);
      entries[i] = {first_symbols(symbols(number)), counters[part]->rows(i - parts.begin(part)), number};
    }
  });
  const auto rest_less = [&](std::uint32_t a, std::uint32_t b) {
    return std::ranges::lexicographical_compare(symbols(a).subspan(kFirstSymbols), symbols(b).subspan(kFirstSymbols),
                                                {}, order_of, order_of);
  };
  const auto less = [&](const GramEntry& a, const GramEntry& b) {
    if (a.first_symbols != b.first_symbols) return a.first_symbols < b.first_symbols;
    return width > kFirstSymbols && rest_less(a.number, b.number);
  };
  parallel_sort(parallel, entries, less);

  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries.size();) {
    GramEntry sum = entries[i++];
    for (; i < entries.size() && !less(sum, entries[i]); ++i)
      sum.rows += entries[i].rows;
    if (sum.rows >= bounds.min_rows && sum.rows <= bounds.max_rows) entries[kept++] = sum;
  }
  entries.resize(kept);

  std::vector<std::uint64_t> order(kept);  // decreasing rows, then the order of symbols
  for (std::size_t i = 0; i < kept; ++i)
    order[i] = (std::uint64_t{~entries[i].rows} << 32) | i;
  parallel_sort(parallel, order, std::less<>());
  order.resize(std::min<std::uint64_t>(order.size(), bounds.most));

  RankedGrams ranked;
  ranked.symbols.resize(order.size() * width);
  ranked.rows.resize(order.size());
  parallel.for_blocks(order.size(), kBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t i = begin; i < end; ++i) {
      const GramEntry& entry = entries[order[i] & 0xFFFFFFFF];
      ranked.rows[i] = entry.rows;
      std::ranges::copy(symbols(entry.number), ranked.symbols.begin() + static_cast<std::ptrdiff_t>(i * width));
    }
  });
  return ranked;
}

}  // namespace xmr
