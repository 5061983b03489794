#pragma once
// Merges the counts of the workers of a fit by sorting. The result does not depend on how the instances were
// distributed.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/featurize/gram_table.hpp"
#include "xmr/featurize/text_counts.hpp"
#include "xmr/featurize/word_table.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The distinct words of all collectors in bytewise order, and the positions of each collector's words.
struct MergedWords {
  std::vector<std::string_view> words;  // in the collectors' memory
  std::vector<std::vector<std::uint32_t>> positions;
};
MergedWords merge_words(Parallel& parallel, std::span<const WordCollector* const> collectors);

// Returns the n-grams of all counters within the bounds. The counters have the same width and the same symbols.
CountedGrams sum_grams(Parallel& parallel, std::span<const GramCounter* const> counters, const RowBounds& bounds);

}  // namespace xmr
