#include "xmr/featurize/vectorizer_state.hpp"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

namespace {

std::uint64_t next_identity() {
  static std::atomic<std::uint64_t> next{1};
  return next++;
}

}  // namespace

VectorizerState::VectorizerState(VectorizerOptions chosen) : identity(next_identity()), options(std::move(chosen)) {
  for (const BlockOptions& block : options.blocks) {
    auto column = std::ranges::find(columns, block.column);
    if (column == columns.end()) column = columns.insert(column, block.column);
    blocks.push_back({block, static_cast<std::size_t>(column - columns.begin()), 0, 0, {}, {}});
  }
}

VectorizerState::VectorizerState(VectorizerOptions chosen, LearntTables tables, Parallel& parallel)
    : VectorizerState(std::move(chosen)) {
  learnt_ = std::move(tables);
  rows = learnt_.rows;
  unicode = unicode_version();
  gram_slots_.resize(blocks.size());
  parallel.for_each(blocks.size() + 1, [&](std::size_t i, unsigned) {
    if (i == 0) {
      if (!looks_words_up()) return;
      const StringTable strings = learnt_.words.view();
      word_slots_ = SlotTable(strings.size());
      for (std::uint32_t w = 0; w < strings.size(); ++w)
        word_slots_.insert(word_hash(strings[w]), w);
      words = WordTable(word_slots_.view(), strings);
      return;
    }
    Block& block = blocks[i - 1];
    const LearntBlock& from = learnt_.blocks[i - 1];
    block.idf = from.idf;
    if (block.options.hash_bits != 0) return;
    const GramArray grams{from.grams, block.options.max_n};
    SlotTable& slots = gram_slots_[i - 1];
    slots = SlotTable(grams.size());
    for (std::uint32_t g = 0; g < grams.size(); ++g)
      slots.insert(hash_of(grams[g]).value(), g);
    block.grams = GramTable(slots.view(), grams);
  });
  if (!number_features())
    throw DataError(
        fmt::format("more than {} features; min-df, max-features and hash bound their number", kMaxColumns));
  fingerprint = compute_fingerprint();
}

bool VectorizerState::looks_words_up() const {
  return std::ranges::any_of(options.blocks, has_words);
}

bool VectorizerState::number_features() {
  features = 0;
  for (Block& block : blocks) {
    const std::uint64_t count =
        block.options.hash_bits != 0 ? std::uint64_t{1} << block.options.hash_bits : block.grams.size();
    if (features + count > kMaxColumns) return false;
    block.first = static_cast<FeatureId>(features);
    block.features = static_cast<std::uint32_t>(count);
    features += count;
  }
  return true;
}

std::string VectorizerState::compute_fingerprint() const {
  Fingerprint print;
  print.add(to_json(options).dump()).add(rows);
  print.add(words.slots().slots()).add(words.words().offsets).add(words.words().blob);
  for (const Block& block : blocks)
    print.add(block.grams.slots().slots()).add(block.grams.grams().symbols).add(block.idf);
  return print.hex();
}

}  // namespace xmr
