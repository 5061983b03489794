#pragma once
// Puts together what the workers of a fit have counted, by sorting: the result is the same however the instances were
// dealt out.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/featurize/gram_table.hpp"
#include "xmr/featurize/text_counts.hpp"
#include "xmr/featurize/word_table.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The words of all collectors, each once, in bytewise order, and where each collector's words stand in it.
struct MergedWords {
  std::vector<std::string_view> words;  // in the collectors' memory
  std::vector<std::vector<std::uint32_t>> positions;
};
MergedWords merge_words(Parallel& parallel, std::span<const WordCollector* const> collectors);

// The n-grams of all counters, which have the same width and whose symbols mean the same, without those that occur in
// fewer or more rows than wanted.
CountedGrams sum_grams(Parallel& parallel, std::span<const GramCounter* const> counters, const RowBounds& bounds);

}  // namespace xmr
