#include "xmr/retrieve/label_texts.hpp"

#include <algorithm>
#include <array>
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

// Rows of kNumbers 32-bit numbers.
std::span<const LabelText> read_labels(const NpzFile& file, std::uint64_t labels) {
  constexpr std::size_t kNumbers = 6;
  static_assert(sizeof(LabelText) == kNumbers * sizeof(std::uint32_t) && alignof(LabelText) == alignof(std::uint32_t));
  const NpyArray array = file.get("texts/labels");
  require(file,
          array.shape.size() == 2 && array.shape[0] == labels && array.shape[1] == kNumbers && !array.fortran_order,
          "not 6 numbers for each label");
  return {reinterpret_cast<const LabelText*>(array.as<std::uint32_t>().data()), labels};
}

bool is_weight(float weight) {
  return weight >= 0 && weight < 1e6F;
}

}  // namespace

LabelTexts LabelTexts::read(const NpzFile& file, std::uint64_t labels, const Vectorizer& vectorizer) {
  LabelTexts texts;
  for (const char* member : {"labels", "entries", "word_idf", "gram_idf", "numbers"})
    file.check(fmt::format("texts/{}", member));
  texts.of_ = read_labels(file, labels);
  texts.entries_ = file.array<std::uint32_t>("texts/entries");
  texts.word_idf_ = file.array<float>("texts/word_idf");
  texts.gram_idf_ = file.array<float>("texts/gram_idf");
  texts.is_number_ = file.array<std::uint8_t>("texts/numbers");
  const auto rows = file.array<std::uint64_t>("texts/rows");
  require(file, rows.size() == 1, "not one number of rows");
  const TextSpace space(vectorizer);
  require(file, texts.word_idf_.size() == vectorizer.words() && texts.is_number_.size() == vectorizer.words(),
          "idf of another number of words");
  require(file, texts.gram_idf_.size() == space.block[3] - space.block[2], "idf of another number of grams");
  require(file, std::ranges::all_of(texts.word_idf_, is_weight) && std::ranges::all_of(texts.gram_idf_, is_weight),
          "a weight outside 0..1000000");
  std::size_t end = 0;
  for (const LabelText& of : texts.of_) {
    require(file, of.begin() == end, "entries of a label do not follow those of the one before");
    require(file, of.words <= kMaxWords && of.grams <= kMaxGrams, "a text of more than 64 words or 256 grams");
    require(file, is_weight(of.word_weight) && is_weight(of.gram_weight), "a weight outside 0..1000000");
    end += std::size_t{of.words} + of.grams;
    require(file, end <= texts.entries_.size(), "fewer entries than those of the labels");
    require(file,
            std::ranges::all_of(texts.entries_.subspan(end - of.grams, of.grams),
                                [&](std::uint32_t gram) { return gram < texts.gram_idf_.size(); }),
            "a gram that the vectorizer does not know");
  }
  require(file, end == texts.entries_.size(), "more entries than those of the labels");
  texts.rows_ = rows[0];
  texts.unknown_idf_ = idf_of(labels, 0);
  return texts;
}

void LabelTextsTable::write(NpzWriter& out) const {
  const std::array<std::uint64_t, 2> shape = {of.size(), sizeof(LabelText) / sizeof(std::uint32_t)};
  const auto bytes = std::as_bytes(std::span(of));
  out.add("texts/labels", DType::u4, shape, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  out.add("texts/entries", entries);
  out.add("texts/word_idf", word_idf);
  out.add("texts/gram_idf", gram_idf);
  out.add("texts/numbers", is_number);
  out.add("texts/rows", std::span<const std::uint64_t>(&rows, 1));
}

LabelTexts LabelTextsTable::view() const {
  LabelTexts texts;
  texts.of_ = of;
  texts.entries_ = entries;
  texts.word_idf_ = word_idf;
  texts.gram_idf_ = gram_idf;
  texts.is_number_ = is_number;
  texts.unknown_idf_ = idf_of(of.size(), 0);
  texts.rows_ = rows;
  return texts;
}

namespace {

void add_weights(LabelTextsTable& table) {
  const LabelTexts texts = table.view();
  for (LabelId label = 0; label < table.of.size(); ++label) {
    double words = 0, grams = 0;
    for (const std::uint32_t word : texts.words(label))
      words += static_cast<double>(texts.word_idf(word));
    for (const std::uint32_t gram : texts.grams(label))
      grams += static_cast<double>(texts.gram_idf(gram));
    table.of[label].word_weight = static_cast<float>(words);
    table.of[label].gram_weight = static_cast<float>(grams);
  }
}

}  // namespace

LabelTextsTable build_label_texts(const StoredNames& names, const Vectorizer& vectorizer,
                                  std::span<const std::uint32_t> counts, std::uint64_t rows) {
  const TextSpace space(vectorizer);
  LabelTextsTable table;
  table.rows = rows;
  std::vector<std::uint32_t> word_df(vectorizer.words()), gram_df(space.block[3] - space.block[2]), distinct;
  Vectorizer::Scratch scratch;
  for (LabelId label = 0; label < names.keys.size(); ++label) {
    const std::string_view text = names.text(label);
    const SparseRow row = vectorizer.apply({&text, 1}, scratch, kWeighedBlocks);
    const auto read = Vectorizer::read_words(scratch);
    const auto order = read.first(std::min(read.size(), LabelTexts::kMaxWords));
    const std::uint64_t begin = table.entries.size();
    table.entries.insert(table.entries.end(), order.begin(), order.end());
    distinct.assign(order.begin(), order.end());
    std::ranges::sort(distinct);
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    for (const std::uint32_t word : distinct)
      if (word != Vectorizer::kUnknownWord) ++word_df[word];
    std::uint16_t grams = 0;
    for (const std::uint32_t feature : row.indices) {
      if (feature < space.first_gram() || grams == LabelTexts::kMaxGrams) continue;
      table.entries.push_back(feature - space.first_gram());
      ++gram_df[table.entries.back()];
      ++grams;
    }
    table.of.push_back({.first = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin >> 32)},
                        .rows = counts[label],
                        .words = static_cast<std::uint16_t>(order.size()),
                        .grams = grams});
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
