#include "xmr/featurize/character_pairs.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/util/parallel.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

std::map<std::string, float> factors_of(std::string_view text, Unspaced unspaced) {
  VectorizerOptions options;
  options.blocks = {parse_block(GramKind::word, "1", {}), parse_block(GramKind::char_, "2", {})};
  options.tokenizer.unspaced = unspaced;
  Parallel parallel(1);
  VectorizerFit learner(options, 1);
  const std::vector<std::string_view> texts = {text};
  learner.add(texts, 0);
  const Vectorizer vectorizer = learner.finish(parallel);
  const std::vector<float> factors = pair_factors(vectorizer);
  std::map<std::string, float> found;
  for (FeatureId feature = 0; feature < factors.size() && feature < vectorizer.block_offsets()[1]; ++feature)
    found[vectorizer.feature_text(feature)] = factors[feature];
  for (FeatureId feature = vectorizer.block_offsets()[1]; feature < factors.size(); ++feature)
    CHECK(factors[feature] == 1);  // n-grams of characters
  return found;
}

}  // namespace

TEST_CASE("pairs of characters of scripts without blanks have a factor") {
  CHECK(
      factors_of("手机壳 tv 本", Unspaced::bigrams) ==
      std::map<std::string, float>{{"手机", kPairFactor}, {"机壳", kPairFactor}, {"手机壳", 1}, {"tv", 1}, {"本", 1}});
  CHECK(factors_of("手机壳 手机", Unspaced::whole).empty());
  CHECK(factors_of("to be", Unspaced::bigrams).empty());
}
