#pragma once
// Oracle of featurize/tokenizer.hpp: the whole text through utf8proc at once, words by categories.

#include <string>
#include <string_view>
#include <vector>

#include "xmr/featurize/normalization.hpp"

namespace xmr::test {

struct PlainTokens {
  std::string text;
  std::vector<std::string> words;
  std::vector<std::string> terms;
};

PlainTokens plain_tokens(std::string_view text, const TokenizerOptions& options);

// The text's code points; ill-formed UTF-8 as the Unicode standard replaces it, written down from its table 3-7.
std::vector<char32_t> plain_code_points(std::string_view text);
std::string plain_utf8(const std::vector<char32_t>& points);

}  // namespace xmr::test
