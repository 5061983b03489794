#include "xmr/featurize/character_pairs.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "xmr/featurize/scripts.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

bool is_pair(std::string_view term) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < term.size();) {
    const DecodedPoint point = decode_utf8(term.substr(at));
    const auto code = static_cast<std::int32_t>(point.point);
    if (characters == 0 || !is_mark(code)) {
      if (!is_unspaced(code) || ++characters > 2) return false;
    }
    at += point.length;
  }
  return characters == 2;
}

}  // namespace

std::vector<float> pair_factors(const Vectorizer& vectorizer) {
  const VectorizerOptions& options = vectorizer.options();
  if (options.tokenizer.unspaced != Unspaced::bigrams) return {};
  std::vector<float> factors(vectorizer.features(), 1);
  const std::vector<FeatureId> begins = vectorizer.block_offsets();
  bool found = false;
  for (std::size_t block = 0; block < options.blocks.size(); ++block) {
    if (options.blocks[block].kind != GramKind::word || options.blocks[block].hash_bits != 0) continue;
    for (FeatureId feature = begins[block]; feature < begins[block + 1]; ++feature)
      if (is_pair(vectorizer.feature_text(feature))) {
        factors[feature] = kPairFactor;
        found = true;
      }
  }
  if (!found) factors.clear();
  return factors;
}

}  // namespace xmr
