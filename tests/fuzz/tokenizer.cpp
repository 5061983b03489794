// The tokenizer against an input of any bytes, whole and after another one.
#include "xmr/featurize/tokenizer.hpp"

#include "xmr/featurize/query_text.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static xmr::Tokenizer unicode, plain({.tokens = xmr::Tokens::whitespace, .fold_case = false});
  for (xmr::Tokenizer* tokenizer : {&unicode, &plain}) {
    tokenizer->run(bytes);
    for (std::size_t i = 0; i < tokenizer->words(); ++i)
      if (tokenizer->word(i).empty()) __builtin_trap();
  }
  static xmr::QueryNormalizer normalizer({.punctuation = xmr::Punctuation::blank});
  const std::string once(normalizer.query(bytes));
  if (normalizer.query(once) != once) __builtin_trap();
  normalizer.prefix(bytes);
}
