#pragma once
// n-grams, sequences of 1 to `width` symbols (32-bit: a word's number or a code point), and their numbers. GramTable
// looks them up in foreign memory (a mapped file). GramCounter numbers n-grams from 0 on and counts the rows of each.
//
// An n-gram is stored as `width` symbols, unused ones kNoEntry, and compared symbol by symbol. Thread rule: const
// methods from any thread.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "xmr/featurize/hash_slots.hpp"

namespace xmr {

// The hash of an n-gram, symbol by symbol; part of the file format.
class GramHash {
 public:
  GramHash extended(std::uint32_t symbol) const {
    std::uint64_t state =
        (state_ ^ symbol) * 0x9FB21C651E98DF25U;  // odd and without pattern: XXH3's avalanche constant
    state ^= state >> 32;
    return GramHash(state);
  }
  std::uint32_t value() const { return static_cast<std::uint32_t>((state_ * 0x9E3779B97F4A7C15U) >> 32); }

  GramHash() = default;

 private:
  explicit GramHash(std::uint64_t state) : state_(state) {}
  std::uint64_t state_ = 0;
};

// Returns the bucket of an n-gram in a block of 2^bits hashed features.
inline std::uint32_t bucket_of(std::uint32_t hash, std::uint32_t bits) {
  return hash >> (32 - bits);
}

inline GramHash hash_of(std::span<const std::uint32_t> symbols) {
  GramHash hash;
  for (const std::uint32_t symbol : symbols)
    hash = hash.extended(symbol);
  return hash;
}

// An n-gram of a text: the position of its symbols.
struct Gram {
  const std::uint32_t* symbols;
  std::uint32_t size;
  std::uint32_t hash;
};

// The order of n-grams, symbol by symbol. An unused symbol precedes all others, so a shorter n-gram precedes its
// continuations.
inline std::uint32_t order_of(std::uint32_t symbol) {
  static_assert(kNoEntry + 1 == 0);
  return symbol + 1;
}
inline bool gram_less(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  return std::ranges::lexicographical_compare(a, b, {}, order_of, order_of);
}

// n-grams by number: `width` symbols each.
struct GramArray {
  std::span<const std::uint32_t> symbols;
  std::uint32_t width = 1;

  std::size_t size() const { return symbols.size() / width; }
  // Returns an n-gram without the unused symbols.
  std::span<const std::uint32_t> operator[](std::size_t i) const {
    const std::span<const std::uint32_t> all = symbols.subspan(i * width, width);
    std::size_t n = all.size();
    while (n > 0 && all[n - 1] == kNoEntry)
      --n;
    return all.first(n);
  }
  bool equal(std::uint32_t i, const Gram& gram) const {
    const std::uint32_t* stored = symbols.data() + std::size_t{i} * width;
    for (std::uint32_t k = 0; k < gram.size; ++k)
      if (stored[k] != gram.symbols[k]) return false;
    return gram.size == width || stored[gram.size] == kNoEntry;
  }
};

// Looks n-grams up in steps, so that the memory accesses of many overlap: prefetch(hash) for all of them, then
// prefetch_likely(hash), then find() or count(). Only the last step compares symbols.
class GramTable {
 public:
  GramTable() = default;
  GramTable(SlotView slots, GramArray grams) : slots_(slots), grams_(grams), size_(grams.size()) {}

  void prefetch(std::uint32_t hash) const { slots_.prefetch(hash); }
  // Returns the most probable number of an n-gram with this hash, or kNoEntry, and prefetches its symbols.
  std::uint32_t prefetch_likely(std::uint32_t hash) const {
    const std::uint32_t likely = slots_.likely(hash);
    if (likely < size_) __builtin_prefetch(grams_.symbols.data() + std::size_t{likely} * grams_.width);
    return likely;
  }
  // Returns the n-gram's number, or kNoEntry. A slot with an invalid number (a damaged file) matches nothing.
  std::uint32_t find(const Gram& gram, std::uint32_t likely) const {
    const auto is_it = [&](std::uint32_t i) { return i < size_ && grams_.equal(i, gram); };
    if (likely == kNoEntry || is_it(likely)) return likely;
    return slots_.find(gram.hash, is_it);
  }
  std::size_t size() const { return size_; }
  const GramArray& grams() const { return grams_; }
  SlotView slots() const { return slots_; }

 private:
  SlotView slots_;
  GramArray grams_;
  std::size_t size_ = 0;
};

class GramCounter {
 public:
  explicit GramCounter(std::uint32_t width) : width_(width) {}

  void prefetch(std::uint32_t hash) const { slots_.view().prefetch(hash); }
  std::uint32_t prefetch_likely(std::uint32_t hash) const {
    const std::uint32_t likely = slots_.view().likely(hash);
    if (likely != kNoEntry) {
      __builtin_prefetch(symbols_.data() + std::size_t{likely} * width_);
      __builtin_prefetch(counts_.data() + likely, 1);
    }
    return likely;
  }
  // Counts an n-gram once for row `row`, which is not 0 and no earlier row.
  void count(const Gram& gram, std::uint32_t likely, std::uint32_t row) {
    const bool is_likely = likely != kNoEntry && grams().equal(likely, gram);
    Count& count = counts_[is_likely ? likely : number(gram)];
    count.rows += static_cast<std::uint32_t>(count.last_row != row);
    count.last_row = row;
  }

  std::size_t size() const { return counts_.size(); }
  GramArray grams() const { return {symbols_, width_}; }
  // Replaces symbols once everything is counted; nothing can be counted afterwards.
  std::span<std::uint32_t> finish() {
    slots_ = SlotTable();
    return symbols_;
  }
  // Returns the number of rows with the n-gram.
  std::uint32_t rows(std::size_t i) const { return counts_[i].rows; }

 private:
  struct Count {
    std::uint32_t rows = 0;
    std::uint32_t last_row = 0;
  };
  // Returns the n-gram's number, a new one if needed. If there are more than 32 bits can number, throws DataError.
  std::uint32_t number(const Gram& gram) {
    const auto next = static_cast<std::uint32_t>(counts_.size());
    const GramArray known = grams();
    const std::uint32_t found =
        slots_.find_or_insert(gram.hash, next, [&](std::uint32_t i) { return known.equal(i, gram); });
    if (found == next) append(gram);
    return found;
  }
  void append(const Gram& gram);

  std::uint32_t width_;
  SlotTable slots_;
  std::vector<std::uint32_t> symbols_;
  std::vector<Count> counts_;
};

}  // namespace xmr
