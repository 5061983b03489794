#include "xmr/featurize/text_counts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "xmr/featurize/vectorizer_state.hpp"
#include "xmr/featurize/weights.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/vector_sort.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kMaxRows = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kBlockGrams = std::size_t{1} << 15;  // of n-grams that one step works on

// Sorts by decreasing number of rows, equal numbers in their order. Keeps at most `most`, or all if it is 0.
CountedGrams ranked(const CountedGrams& counted, std::size_t width, std::uint64_t most, Parallel& parallel) {
  if (counted.rows.size() > kNoEntry)
    throw DataError("more than 4294967295 different n-grams; --hash bounds their number");
  std::vector<std::uint64_t> order(counted.rows.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = (std::uint64_t{~counted.rows[i]} << 32) | i;
  vector_sort(order);
  if (most != 0) order.resize(std::min<std::uint64_t>(order.size(), most));

  CountedGrams ranked{std::vector<std::uint32_t>(order.size() * width), std::vector<std::uint32_t>(order.size())};
  parallel.for_blocks(order.size(), kBlockGrams, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t gram = order[i] & 0xFFFFFFFF;
      ranked.rows[i] = counted.rows[gram];
      std::copy_n(counted.symbols.data() + gram * width, width, ranked.symbols.data() + i * width);
    }
  });
  return ranked;
}

// Keeps only words of n-grams that are features, numbered in the order of features: frequent words lie together.
void number_words(const VectorizerOptions& options, std::span<const std::string_view> words, LearntTables& learnt) {
  std::vector<std::uint32_t> number(words.size(), kNoEntry);
  for (std::size_t b = 0; b < learnt.blocks.size(); ++b) {
    if (!has_words(options.blocks[b])) continue;
    for (std::uint32_t& symbol : learnt.blocks[b].grams) {
      if (symbol == kNoEntry) continue;
      if (number[symbol] == kNoEntry) {
        number[symbol] = static_cast<std::uint32_t>(learnt.words.size());
        learnt.words.add(words[symbol]);
      }
      symbol = number[symbol];
    }
  }
}

}  // namespace

RowBounds::RowBounds(const BlockOptions& block, std::uint64_t rows) {
  const auto in_rows = [rows](const FrequencyBound& bound) {
    return bound.is_ratio ? bound.value * static_cast<double>(rows) : bound.value;
  };
  const auto whole = [](double value) {
    return static_cast<std::uint64_t>(std::clamp(value, 0.0, static_cast<double>(kMaxRows)));
  };
  least = whole(std::ceil(in_rows(block.min_df)));
  most = whole(std::floor(in_rows(block.max_df)));
}

void require_countable(std::uint64_t rows) {
  if (rows > kMaxRows) throw DataError("more than 4294967295 rows; a sample of them is enough to learn from");
}

Vectorizer learn(const VectorizerOptions& options, const TextCounts& counts, Parallel& parallel) {
  if (counts.rows == 0) throw DataError("no instances");
  require_countable(counts.rows);
  LearntTables learnt;
  learnt.rows = counts.rows;
  bool empty = true;
  for (std::size_t b = 0; b < options.blocks.size(); ++b) {
    const BlockOptions& block = options.blocks[b];
    CountedGrams counted = counts.take(b, RowBounds(block, counts.rows));
    if (has_vocabulary(block)) counted = ranked(counted, block.max_n, block.max_features, parallel);
    empty = empty && has_vocabulary(block) && counted.rows.empty();
    LearntBlock& made = learnt.blocks.emplace_back();
    made.grams = std::move(counted.symbols);
    if (block.idf == InverseDocumentFrequency::none) continue;
    made.idf.reserve(counted.rows.size());
    for (const std::uint32_t df : counted.rows)
      made.idf.push_back(idf_weight(block.idf, counts.rows, df));
  }
  if (empty) throw DataError("no n-gram occurs in as many rows as min-df and max-df allow");
  number_words(options, counts.words, learnt);
  return Vectorizer(std::make_unique<VectorizerState>(options, std::move(learnt), parallel));
}

}  // namespace xmr
