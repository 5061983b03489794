#pragma once
// Puts together what the workers of a fit have counted, by sorting: the result is the same however the instances were
// dealt out.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/featurize/gram_table.hpp"
#include "xmr/featurize/word_table.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The words of all collectors, each once, in bytewise order, and where each collector's words stand in it.
struct MergedWords {
  std::vector<std::string_view> words;  // in the collectors' memory
  std::vector<std::vector<std::uint32_t>> positions;
};
MergedWords merge_words(Parallel& parallel, std::span<const WordCollector* const> collectors);

// n-grams by decreasing number of rows, those of equal number by their symbols (a shorter n-gram before its
// continuations).
struct RankedGrams {
  std::vector<std::uint32_t> symbols;  // `width` an n-gram
  std::vector<std::uint32_t> rows;
};

// Which n-grams are wanted: those that occur in min_rows..max_rows rows, at most `most` of them.
struct GramBounds {
  std::uint64_t min_rows = 1, max_rows = 0xFFFFFFFF, most = 0xFFFFFFFF;
};

// The wanted n-grams of all counters, which have the same width and whose symbols mean the same.
RankedGrams rank_grams(Parallel& parallel, std::span<const GramCounter* const> counters, const GramBounds& bounds);

}  // namespace xmr
