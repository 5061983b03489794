#include "xmr/featurize/vectorizer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "xmr/featurize/column_text.hpp"
#include "xmr/featurize/vectorizer_state.hpp"
#include "xmr/featurize/weights.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {

struct Vectorizer::Scratch::State {
  std::uint64_t identity = 0;  // of the vectorizer that tokenizer and columns were made for; 0: of none
  Tokenizer tokenizer;
  std::vector<ColumnText> columns;
  RowWeigher weigher;
  std::vector<std::uint32_t> found;   // features of one block, from 0, one for each occurrence
  std::vector<std::uint64_t> placed;  // the same with their places
  std::vector<std::uint32_t> indices;
  std::vector<float> values;
};

Vectorizer::Scratch::Scratch() : state_(std::make_unique<State>()) {}
Vectorizer::Scratch::~Scratch() = default;
Vectorizer::Scratch::Scratch(Scratch&&) noexcept = default;

namespace {

// Calls use(feature, gram) for each n-gram of the text that is a feature of the block, counted from 0.
template <class Use>
void find_features(const VectorizerState::Block& block, const ColumnText& text, Use&& use) {
  if (block.options.hash_bits != 0) {
    text.for_each_gram(block.options,
                       [&](const Gram& gram) { use(bucket_of(gram.hash, block.options.hash_bits), gram); });
    return;
  }
  text.look_up_grams(block.options, block.grams, [&](const Gram& gram, std::uint32_t likely) {
    const std::uint32_t feature = block.grams.find(gram, likely);
    if (feature == kNoEntry) return;
    use(feature, gram);
    if (!block.idf.empty()) __builtin_prefetch(block.idf.data() + feature);
  });
}

// A file from outside may hold anything.
void append_utf8(std::string& text, std::uint32_t symbol) {
  const bool scalar = symbol < 0x110000 && (symbol < 0xD800 || symbol > 0xDFFF);
  std::array<char, 4> utf8;
  text.append(utf8.data(), encode_utf8(scalar ? static_cast<char32_t>(symbol) : kReplacement, utf8.data()));
}

}  // namespace

SparseRow Vectorizer::apply(std::span<const std::string_view> texts, Scratch& scratch) const {
  return apply(texts, scratch, state_->blocks.size());
}

SparseRow Vectorizer::apply(std::span<const std::string_view> texts, Scratch& scratch, std::size_t blocks) const {
  Scratch::State& work = *scratch.state_;
  if (work.identity != state_->identity) {
    work.identity = state_->identity;
    work.tokenizer = Tokenizer(options().tokenizer);
    work.columns.assign(columns().size(), ColumnText());
    for (const VectorizerState::Block& block : state_->blocks)
      work.columns[block.column].require(block.options);
  }
  for (std::size_t i = 0; i < texts.size(); ++i)
    work.columns[i].read(work.tokenizer, texts[i], state_->words);
  work.indices.clear();
  work.values.clear();
  for (const VectorizerState::Block& block : std::span(state_->blocks).first(blocks)) {
    const ColumnText& text = work.columns[block.column];
    if (is_positional(block.options.tf)) {
      work.placed.clear();
      find_features(block, text, [&](std::uint32_t feature, const Gram& gram) {
        work.placed.push_back(std::uint64_t{feature} << 32 | text.place(block.options, gram));
      });
      work.weigher.append(block.options, block.first, block.idf, work.placed, work.indices, work.values);
    } else {
      work.found.clear();
      find_features(block, text, [&](std::uint32_t feature, const Gram&) { work.found.push_back(feature); });
      work.weigher.append(block.options, block.first, block.idf, work.found, work.indices, work.values);
    }
  }
  if (state_->blocks.size() > 1 || options().row_norm != options().blocks[0].norm)
    normalize(work.values, options().row_norm);
  return {work.indices, work.values};
}

Vectorizer::Vectorizer(std::unique_ptr<const VectorizerState> state) : state_(std::move(state)) {}
Vectorizer::Vectorizer(Vectorizer&&) noexcept = default;
Vectorizer& Vectorizer::operator=(Vectorizer&&) noexcept = default;
Vectorizer::~Vectorizer() = default;

const VectorizerOptions& Vectorizer::options() const {
  return state_->options;
}
std::uint64_t Vectorizer::features() const {
  return state_->features;
}
const std::vector<std::string>& Vectorizer::columns() const {
  return state_->columns;
}
std::string Vectorizer::fingerprint() const {
  return state_->fingerprint;
}

std::vector<FeatureId> Vectorizer::block_offsets() const {
  std::vector<FeatureId> offsets;
  for (const VectorizerState::Block& block : state_->blocks)
    offsets.push_back(block.first);
  offsets.push_back(static_cast<FeatureId>(features()));
  return offsets;
}

std::vector<float> Vectorizer::idf() const {
  std::vector<float> idf;
  for (const VectorizerState::Block& block : state_->blocks) {
    idf.insert(idf.end(), block.idf.begin(), block.idf.end());
    idf.resize(block.first + std::size_t{block.features}, 1.0F);
  }
  return idf;
}

Vectorizer Vectorizer::counting(const Vectorizer& first, const Vectorizer& second, Parallel& parallel) {
  VectorizerOptions options{.blocks = {}, .tokenizer = first.options().tokenizer, .row_norm = Norm::none};
  LearntTables tables{.rows = first.state_->rows, .words = {}, .blocks = {}};
  const StringTable& words = first.state_->words.words();
  for (std::size_t word = 0; word < words.size(); ++word)
    tables.words.add(words[word]);
  for (const Vectorizer* const part : {&first, &second}) {
    for (const VectorizerState::Block& block : part->state_->blocks) {
      BlockOptions& counted = options.blocks.emplace_back(block.options);
      counted.column = first.options().blocks.front().column;
      counted.idf = InverseDocumentFrequency::none;
      counted.norm = Norm::none;
      const std::span<const std::uint32_t> grams = block.grams.grams().symbols;
      tables.blocks.push_back({{grams.begin(), grams.end()}, {}});
    }
  }
  return Vectorizer(std::make_unique<VectorizerState>(std::move(options), std::move(tables), parallel));
}

std::size_t Vectorizer::words() const {
  return state_->words.words().size();
}
std::string_view Vectorizer::word(std::uint32_t number) const {
  return state_->words.word(number);
}
std::span<const std::uint32_t> Vectorizer::read_words(const Scratch& scratch) {
  static_assert(kUnknownWord == kNoEntry);
  return scratch.state_->columns.back().word_numbers();
}
std::string_view Vectorizer::read_word(const Scratch& scratch, std::size_t position) {
  return scratch.state_->tokenizer.term(position);
}

std::string Vectorizer::feature_text(FeatureId feature) const {
  const auto block = std::ranges::find_if(state_->blocks, [&](const VectorizerState::Block& b) {
    return feature - b.first < b.features && feature >= b.first;
  });
  if (block == state_->blocks.end())
    throw ConfigError(fmt::format("feature {} is outside 0..{}", feature, static_cast<std::int64_t>(features()) - 1));
  const std::uint32_t number = feature - block->first;
  if (block->options.hash_bits != 0) return fmt::format("hash:{}", number);
  std::string text;
  for (const std::uint32_t symbol : block->grams.grams()[number]) {
    if (block->options.kind == GramKind::word) {
      if (!text.empty()) text += ' ';
      text += state_->words.word(symbol);
    } else if (block->options.kind == GramKind::char_wb && symbol == kBoundary) {
      text += '#';
    } else {
      append_utf8(text, symbol);
    }
  }
  return text;
}

}  // namespace xmr
