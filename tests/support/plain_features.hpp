#pragma once
// Oracle of featurize/vectorizer_fit.hpp and vectorizer.hpp: n-grams as lists of strings in maps, weights in double
// precision, written down from docs/methods.md. Blocks with an exact vocabulary only.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/featurize/options.hpp"

namespace xmr::test {

using PlainGram = std::vector<std::string>;  // words, or characters

class PlainVectorizer {
 public:
  // An instance is its texts, one a column, in the order of `columns`.
  using Texts = std::vector<std::string>;
  PlainVectorizer(VectorizerOptions options, std::vector<std::string> columns, const std::vector<Texts>& corpus);

  struct Feature {
    std::size_t block;
    PlainGram gram;
    std::size_t rows;
  };
  const std::vector<Feature>& features() const { return features_; }
  std::map<std::uint32_t, double> apply(const Texts& texts) const;

 private:
  // By n-gram the places at which it begins, as the block's tf counts them.
  std::map<PlainGram, std::vector<std::size_t>> occurrences(const BlockOptions& block, const Texts& texts) const;

  VectorizerOptions options_;
  std::vector<std::string> columns_;
  std::size_t rows_;
  std::vector<Feature> features_;
  std::map<std::pair<std::size_t, PlainGram>, std::uint32_t> ids_;
};

}  // namespace xmr::test
