#include "support/plain_features.hpp"

#include <algorithm>
#include <cmath>

#include "support/plain_tokenizer.hpp"

namespace xmr::test {
namespace {

PlainGram characters(std::string_view text) {
  PlainGram points;
  for (const char32_t point : plain_code_points(text))
    points.push_back(plain_utf8({point}));
  return points;
}

// The sequences whose n-grams of a length count.
std::vector<PlainGram> sequences(const BlockOptions& block, const PlainTokens& tokens, std::size_t n) {
  if (block.kind == GramKind::word) return {n == 1 ? tokens.terms : tokens.words};
  if (block.kind == GramKind::char_) return {characters(tokens.text)};
  std::vector<PlainGram> words;
  for (const std::string& word : tokens.words)
    words.push_back(characters(" " + word + " "));
  return words;
}

// Returns the place of character i of a sequence. With word positions, characters of a text count from their word.
std::size_t place(const BlockOptions& block, const PlainTokens& tokens, std::size_t i) {
  if (block.tf != TermFrequency::word_position || block.kind != GramKind::char_) return i;
  std::size_t begin = 0, at = 0;  // in bytes of the text
  const PlainGram points = characters(tokens.text);
  for (std::size_t k = 0; k < i; ++k)
    at += points[k].size();
  for (const std::string& word : tokens.words) {
    begin = tokens.text.find(word, begin);
    if (at >= begin && at < begin + word.size()) return characters(tokens.text.substr(begin, at - begin)).size();
    begin += word.size();
  }
  return 0;
}

double norm_of(const std::map<std::uint32_t, double>& values, Norm norm) {
  double l1 = 0, l2 = 0, max = 0;
  for (const auto& [feature, value] : values) {
    l1 += value;
    l2 += value * value;
    max = std::max(max, value);
  }
  const double length = norm == Norm::l1 ? l1 : norm == Norm::l2 ? std::sqrt(l2) : norm == Norm::max ? max : 1;
  return length == 0 ? 1 : length;
}

bool within(std::size_t rows, const BlockOptions& block, std::size_t all) {
  const auto limit = [&](const FrequencyBound& bound) {
    return bound.is_ratio ? bound.value * static_cast<double>(all) : bound.value;
  };
  return static_cast<double>(rows) >= limit(block.min_df) && static_cast<double>(rows) <= limit(block.max_df);
}

}  // namespace

PlainVectorizer::PlainVectorizer(VectorizerOptions options, std::vector<std::string> columns,
                                 const std::vector<Texts>& corpus)
    : options_(std::move(options)), columns_(std::move(columns)), rows_(corpus.size()) {
  for (std::size_t b = 0; b < options_.blocks.size(); ++b) {
    const BlockOptions& block = options_.blocks[b];
    std::map<PlainGram, std::size_t> rows;
    for (const Texts& texts : corpus)
      for (const auto& [gram, places] : occurrences(block, texts))
        ++rows[gram];
    std::vector<Feature> found;
    for (const auto& [gram, n] : rows)
      if (within(n, block, rows_)) found.push_back({b, gram, n});
    std::ranges::stable_sort(found, std::greater<>(), &Feature::rows);
    if (block.max_features != 0 && found.size() > block.max_features) found.resize(block.max_features);
    for (Feature& feature : found) {
      ids_[{b, feature.gram}] = static_cast<std::uint32_t>(features_.size());
      features_.push_back(std::move(feature));
    }
  }
}

std::map<PlainGram, std::vector<std::size_t>> PlainVectorizer::occurrences(const BlockOptions& block,
                                                                           const Texts& texts) const {
  const auto column = static_cast<std::size_t>(std::ranges::find(columns_, block.column) - columns_.begin());
  const PlainTokens tokens = plain_tokens(texts[column], options_.tokenizer);
  std::map<PlainGram, std::vector<std::size_t>> found;
  for (std::size_t n = block.min_n; n <= block.max_n; ++n) {
    std::vector<PlainGram> all = sequences(block, tokens, n);
    if (block.max_tokens != 0 && block.kind == GramKind::char_wb)
      all.resize(std::min<std::size_t>(all.size(), block.max_tokens));
    if (block.max_tokens != 0 && block.kind != GramKind::char_wb)
      all[0].resize(std::min<std::size_t>(all[0].size(), block.max_tokens));
    for (const PlainGram& sequence : all)
      for (std::size_t i = 0; i + n <= sequence.size(); ++i)
        found[PlainGram(sequence.begin() + static_cast<std::ptrdiff_t>(i),
                        sequence.begin() + static_cast<std::ptrdiff_t>(i + n))]
            .push_back(place(block, tokens, i));
  }
  return found;
}

std::map<std::uint32_t, double> PlainVectorizer::apply(const Texts& texts) const {
  std::map<std::uint32_t, double> row;
  for (std::size_t b = 0; b < options_.blocks.size(); ++b) {
    const BlockOptions& block = options_.blocks[b];
    std::map<std::uint32_t, double> values;
    for (const auto& [gram, places] : occurrences(block, texts)) {
      const auto id = ids_.find({b, gram});
      if (id == ids_.end()) continue;
      const auto count = static_cast<double>(places.size()), all = static_cast<double>(rows_);
      const auto df = static_cast<double>(features_[id->second].rows);
      double weight = block.tf == TermFrequency::binary ? 1
                      : block.tf == TermFrequency::log  ? 1 + std::log(count)
                                                        : count;
      if (is_positional(block.tf)) {
        weight = 0;
        for (const std::size_t i : places)
          weight += 1 / static_cast<double>(i + 1);
      }
      if (block.idf == InverseDocumentFrequency::sklearn) weight *= std::log((1 + all) / (1 + df)) + 1;
      if (block.idf == InverseDocumentFrequency::pecos) weight *= std::max(std::log(all / (df + 1)), 0.0);
      if (weight != 0) values[id->second] = weight;
    }
    const double length = norm_of(values, block.norm);
    for (const auto& [feature, value] : values)
      row[feature] = value / length;
  }
  const double length = norm_of(row, options_.row_norm);
  for (auto& [feature, value] : row)
    value /= length;
  return row;
}

}  // namespace xmr::test
