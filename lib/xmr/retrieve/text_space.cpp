#include "xmr/retrieve/text_space.hpp"

#include <algorithm>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

BlockOptions counted(GramKind kind, std::uint32_t min_n, std::uint32_t max_n, std::uint32_t min_df) {
  BlockOptions block;
  block.kind = kind;
  block.min_n = min_n;
  block.max_n = max_n;
  block.min_df = {static_cast<double>(min_df), false};
  block.idf = InverseDocumentFrequency::none;
  block.norm = Norm::none;
  return block;
}

// True if both make the same kind of features of the same weights, whatever their vocabularies.
bool have_same_form(const BlockOptions& a, const BlockOptions& b) {
  return a.kind == b.kind && a.min_n == b.min_n && a.max_n == b.max_n && a.hash_bits == b.hash_bits && a.idf == b.idf &&
         a.norm == b.norm && a.tf == b.tf;
}

// The entries of a row with features first..last-1.
SparseRow find_part(SparseRow row, FeatureId first, FeatureId last) {
  const auto begin = std::ranges::lower_bound(row.indices, first) - row.indices.begin();
  const auto end = std::ranges::lower_bound(row.indices, last) - row.indices.begin();
  const auto at = static_cast<std::size_t>(begin), count = static_cast<std::size_t>(end - begin);
  return {row.indices.subspan(at, count), row.values.subspan(at, count)};
}

}  // namespace

VectorizerOptions text_space_options(std::uint32_t min_df) {
  VectorizerOptions options;
  options.tokenizer.fold_accents = true;
  options.blocks = {counted(GramKind::word, 1, 1, 1), counted(GramKind::word, 2, 2, min_df),
                    counted(GramKind::char_wb, 3, 3, 1), counted(GramKind::char_wb, 4, 5, min_df)};
  options.row_norm = Norm::none;
  return options;
}

bool makes_weighed_blocks(const Vectorizer& vectorizer) {
  std::vector<BlockOptions> needed = text_space_options(1).blocks;
  needed.resize(kWeighedBlocks);
  for (BlockOptions& block : needed) {
    block.idf = InverseDocumentFrequency::sklearn;
    block.norm = Norm::l2;
  }
  return vectorizer.columns().size() == 1 && vectorizer.options().row_norm == Norm::l2 &&
         std::ranges::equal(vectorizer.options().blocks, needed, have_same_form);
}

TextSpace::TextSpace(const Vectorizer& vectorizer) {
  const std::vector<FeatureId> offsets = vectorizer.block_offsets();
  const std::vector<BlockOptions>& found = vectorizer.options().blocks;
  const bool fits = std::ranges::equal(found, text_space_options(1).blocks, have_same_form);
  if (!fits || vectorizer.columns().size() != 1)
    throw ConfigError("the vectorizer is not that of a retrieval model: other blocks");
  std::ranges::copy(offsets, block.begin());
}

SparseRow cut_row(SparseRow row, FeatureId first, FeatureId last, std::vector<std::uint32_t>& indices) {
  const SparseRow part = find_part(row, first, last);
  indices.resize(part.size());
  std::ranges::transform(part.indices, indices.begin(), [first](std::uint32_t feature) { return feature - first; });
  return {indices, part.values};
}

void weigh_row(const TextSpace& space, std::span<const std::uint32_t> indices, std::span<const float> idf,
               std::span<float> values) {
  for (std::size_t i = 0; i < indices.size(); ++i)
    values[i] *= idf[indices[i]];
  for (std::size_t block = 0, begin = 0; block < kWeighedBlocks; ++block) {
    const auto end =
        static_cast<std::size_t>(std::ranges::lower_bound(indices, space.block[block + 1]) - indices.begin());
    normalize(values.subspan(begin, end - begin), Norm::l2);
    begin = end;
  }
  normalize(values, Norm::l2);
}

bool holds_digit(std::string_view word) {
  return std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

TextReader::TextReader(const Vectorizer& vectorizer, std::span<const float> idf)
    : vectorizer_(vectorizer), space_(vectorizer), idf_(idf) {}

const ReadText& TextReader::operator()(std::string_view text) {
  const SparseRow counts = vectorizer_.apply({&text, 1}, scratch_);
  read_.words = find_part(counts, 0, space_.words());
  read_.grams = cut_row(counts, space_.first_gram(), space_.first_gram() + space_.grams(), gram_indices_);
  const SparseRow weighed = find_part(counts, 0, space_.weighed());
  weights_.assign(weighed.values.begin(), weighed.values.end());
  weigh_row(space_, weighed.indices, idf_, weights_);
  read_.weighed = {weighed.indices, weights_};
  read_.order = Vectorizer::read_words(scratch_);
  numbers_.resize(read_.order.size());
  for (std::size_t i = 0; i < numbers_.size(); ++i)
    numbers_[i] = holds_digit(Vectorizer::read_word(scratch_, i)) ? 1 : 0;
  read_.is_number = numbers_;
  return read_;
}

}  // namespace xmr
