#include "xmr/retrieve/label_texts.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "xmr/retrieve/text_space.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

float idf_of(std::uint64_t texts, std::uint64_t df) {
  const auto n = static_cast<double>(texts), d = static_cast<double>(df);
  return static_cast<float>(std::log(1 + (n - d + 0.5) / (d + 0.5)));
}

void require(const NpzFile& file, bool holds, const char* fault) {
  if (!holds) throw FormatError(file.name(), fmt::format("texts/: {}", fault));
}

void require_offsets(const NpzFile& file, std::span<const std::uint64_t> offsets, std::uint64_t labels,
                     std::size_t entries) {
  require(file, offsets.size() == labels + 1, "offsets of another number of labels");
  require(file, offsets.front() == 0 && offsets.back() == entries && std::ranges::is_sorted(offsets),
          "offsets that do not fit the entries");
}

}  // namespace

LabelTexts LabelTexts::read(const NpzFile& file, std::uint64_t labels, const Vectorizer& vectorizer) {
  LabelTexts texts;
  for (const char* member : {"words_of", "words", "grams_of", "grams", "counts", "word_idf", "gram_idf", "word_weights",
                             "gram_weights", "numbers"})
    file.check(fmt::format("texts/{}", member));
  texts.word_offsets_ = file.array<std::uint64_t>("texts/words_of");
  texts.words_ = file.array<std::uint32_t>("texts/words");
  texts.gram_offsets_ = file.array<std::uint64_t>("texts/grams_of");
  texts.grams_ = file.array<std::uint32_t>("texts/grams");
  texts.counts_ = file.array<std::uint32_t>("texts/counts");
  texts.word_idf_ = file.array<float>("texts/word_idf");
  texts.gram_idf_ = file.array<float>("texts/gram_idf");
  texts.word_weights_ = file.array<float>("texts/word_weights");
  texts.gram_weights_ = file.array<float>("texts/gram_weights");
  texts.is_number_ = file.array<std::uint8_t>("texts/numbers");
  const auto rows = file.array<std::uint64_t>("texts/rows");
  require_offsets(file, texts.word_offsets_, labels, texts.words_.size());
  require_offsets(file, texts.gram_offsets_, labels, texts.grams_.size());
  for (std::size_t label = 0; label < labels; ++label)
    require(file, texts.grams(static_cast<LabelId>(label)).size() <= kMaxGrams, "a text of more than 256 grams");
  require(file, texts.counts_.size() == labels && rows.size() == 1, "counts of another number of labels");
  require(file, texts.word_weights_.size() == labels && texts.gram_weights_.size() == labels,
          "weights of another number of labels");
  const TextSpace space(vectorizer);
  require(file, texts.word_idf_.size() == vectorizer.words() && texts.is_number_.size() == vectorizer.words(),
          "idf of another number of words");
  require(file, texts.gram_idf_.size() == space.block[3] - space.block[2], "idf of another number of grams");
  const auto is_weight = [](float weight) { return weight >= 0 && weight < 1e6F; };
  for (const std::span<const float> weights :
       {texts.word_idf_, texts.gram_idf_, texts.word_weights_, texts.gram_weights_})
    require(file, std::ranges::all_of(weights, is_weight), "a weight outside 0..1000000");
  require(file, std::ranges::all_of(texts.grams_, [&](std::uint32_t gram) { return gram < texts.gram_idf_.size(); }),
          "a gram that the vectorizer does not know");
  texts.rows_ = rows[0];
  texts.unknown_idf_ = idf_of(labels, 0);
  return texts;
}

void LabelTextsTable::write(NpzWriter& out) const {
  out.add("texts/words_of", word_offsets);
  out.add("texts/words", words);
  out.add("texts/grams_of", gram_offsets);
  out.add("texts/grams", grams);
  out.add("texts/counts", counts);
  out.add("texts/word_idf", word_idf);
  out.add("texts/gram_idf", gram_idf);
  out.add("texts/word_weights", word_weights);
  out.add("texts/gram_weights", gram_weights);
  out.add("texts/numbers", is_number);
  out.add("texts/rows", std::span<const std::uint64_t>(&rows, 1));
}

LabelTexts LabelTextsTable::view() const {
  LabelTexts texts;
  texts.word_offsets_ = word_offsets;
  texts.words_ = words;
  texts.gram_offsets_ = gram_offsets;
  texts.grams_ = grams;
  texts.counts_ = counts;
  texts.word_idf_ = word_idf;
  texts.gram_idf_ = gram_idf;
  texts.word_weights_ = word_weights;
  texts.gram_weights_ = gram_weights;
  texts.is_number_ = is_number;
  texts.unknown_idf_ = idf_of(counts.size(), 0);
  texts.rows_ = rows;
  return texts;
}

namespace {

void add_weights(LabelTextsTable& table) {
  const LabelTexts texts = table.view();
  for (LabelId label = 0; label < table.counts.size(); ++label) {
    double words = 0, grams = 0;
    for (const std::uint32_t word : texts.words(label))
      words += static_cast<double>(texts.word_idf(word));
    for (const std::uint32_t gram : texts.grams(label))
      grams += static_cast<double>(texts.gram_idf(gram));
    table.word_weights.push_back(static_cast<float>(words));
    table.gram_weights.push_back(static_cast<float>(grams));
  }
}

}  // namespace

LabelTextsTable build_label_texts(const StoredNames& names, const Vectorizer& vectorizer,
                                  std::vector<std::uint32_t> counts, std::uint64_t rows) {
  const TextSpace space(vectorizer);
  LabelTextsTable table;
  table.counts = std::move(counts);
  table.rows = rows;
  std::vector<std::uint32_t> word_df(vectorizer.words()), gram_df(space.block[3] - space.block[2]), distinct;
  Vectorizer::Scratch scratch;
  for (LabelId label = 0; label < names.keys.size(); ++label) {
    const std::string_view text = names.text(label);
    const SparseRow row = vectorizer.apply({&text, 1}, scratch, kWeighedBlocks);
    const auto read = Vectorizer::read_words(scratch);
    const auto order = read.first(std::min(read.size(), LabelTexts::kMaxWords));
    table.words.insert(table.words.end(), order.begin(), order.end());
    table.word_offsets.push_back(table.words.size());
    distinct.assign(order.begin(), order.end());
    std::ranges::sort(distinct);
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    for (const std::uint32_t word : distinct)
      if (word != Vectorizer::kUnknownWord) ++word_df[word];
    std::size_t grams = 0;
    for (const std::uint32_t feature : row.indices) {
      if (feature < space.first_gram() || grams == LabelTexts::kMaxGrams) continue;
      table.grams.push_back(feature - space.first_gram());
      ++gram_df[table.grams.back()];
      ++grams;
    }
    table.gram_offsets.push_back(table.grams.size());
  }
  for (const std::uint32_t df : word_df)
    table.word_idf.push_back(idf_of(names.keys.size(), df));
  for (const std::uint32_t df : gram_df)
    table.gram_idf.push_back(idf_of(names.keys.size(), df));
  for (std::uint32_t word = 0; word < vectorizer.words(); ++word)
    table.is_number.push_back(holds_digit(vectorizer.word(word)) ? 1 : 0);
  add_weights(table);
  return table;
}

}  // namespace xmr
