#pragma once
// In how many rows each n-gram occurs, whoever counted it: VectorizerFit, or several whose parts are put together
// (fit_merge.hpp). learn() makes a vectorizer of that.
// Thread rule: pure functions; take() by one thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The n-grams of a block in their order (gram_less), each once; or the buckets of one that is hashed.
struct CountedGrams {
  std::vector<std::uint32_t> symbols;  // max_n an n-gram, unused ones kNoEntry; empty if hashed
  std::vector<std::uint32_t> rows;     // by n-gram, or by bucket; of buckets empty where idf is none
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
  // In bytewise order; the symbol of a word is its place here. In memory of whoever counted.
  std::vector<std::string_view> words;
  // What a block has in as many rows as `bounds` allow; of buckets, all. Each block is taken once, what it was counted
  // in is then released.
  std::function<CountedGrams(std::size_t block, const RowBounds& bounds)> take;
};

// DataError for more rows than 32 bits can count.
void require_countable(std::uint64_t rows);

// Chooses the features, orders them and gives them their weights. DataError if there is no row, or no n-gram that
// occurs in as many rows as it must.
Vectorizer learn(const VectorizerOptions& options, const TextCounts& counts, Parallel& parallel);

}  // namespace xmr
