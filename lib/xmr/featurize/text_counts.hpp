#pragma once
// The number of rows with each n-gram, from a VectorizerFit or from merged parts (fit_merge.hpp). learn() makes a
// vectorizer of them. Thread rule: pure functions; one thread calls take().

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The distinct n-grams of a block in their order (gram_less), or the buckets of a hashed block.
struct CountedGrams {
  std::vector<std::uint32_t> symbols;  // max_n an n-gram, unused ones kNoEntry; empty if hashed
  std::vector<std::uint32_t> rows;     // by n-gram, or by bucket; empty for buckets without idf
};

// Numbers of rows in which an n-gram may occur, by min-df and max-df.
struct RowBounds {
  std::uint64_t least = 1, most = 0xFFFFFFFF;

  RowBounds() = default;  // any
  RowBounds(const BlockOptions& block, std::uint64_t rows);
  bool allow(std::uint64_t rows) const { return rows >= least && rows <= most; }
};

struct TextCounts {
  std::uint64_t rows = 0;
  // Words in bytewise order; the symbol of a word is its position here. The counter owns the memory.
  std::vector<std::string_view> words;
  // Takes the n-grams of a block within `bounds`, or all buckets. Each block is taken once, and its counters are then
  // released.
  std::function<CountedGrams(std::size_t block, const RowBounds& bounds)> take;
};

// If there are more rows than 32 bits can count, throws DataError.
void require_countable(std::uint64_t rows);

// Chooses, orders and weights the features. If there is no row or no n-gram within the bounds, throws DataError.
Vectorizer learn(const VectorizerOptions& options, const TextCounts& counts, Parallel& parallel);

}  // namespace xmr
