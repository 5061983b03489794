#pragma once
// Queries as autocompletion compares them: NFKC and case folding (tokenizer.hpp), blanks collapsed to single spaces and
// trimmed, punctuation kept, read as a blank or dropped. A typed prefix is normalised the same way, except that one
// trailing blank stays: "new " asks for another word than "new".
//
// The normal form of a prefix is a prefix of the query's normal form unless it is cut inside something that becomes one
// character: between a letter and its combining mark ("e" + U+0301 is "é"), inside a Hangul syllable given as letters.
// Rows for training are therefore cut from normal forms.
//
// Blanks are U+0020, other spaces that NFKC turns into it, and the ASCII control characters.
// Cost: as the tokenizer. Thread rule: one thread at a time per object.

#include <cstdint>
#include <string>
#include <string_view>

#include "xmr/featurize/tokenizer.hpp"
#include "xmr/util/enum_names.hpp"

namespace xmr {

// The treatment of characters that are neither letters, digits, marks nor blanks.
enum class Punctuation : std::uint8_t { keep, blank, drop };
template <>
struct EnumNames<Punctuation> {
  static constexpr EnumName<Punctuation> kTable[] = {
      {Punctuation::keep, "keep"},
      {Punctuation::blank, "blank", "read as a blank"},
      {Punctuation::drop, "drop"},
  };
};

struct QueryForm {
  bool fold_case = true;
  Punctuation punctuation = Punctuation::keep;
};

class QueryNormalizer {
 public:
  explicit QueryNormalizer(const QueryForm& form = {});

  // Valid until the next call.
  std::string_view query(std::string_view raw);
  std::string_view prefix(std::string_view raw);

 private:
  void run(std::string_view raw);
  void pass(std::string_view raw);
  void put(std::string_view piece, bool word);

  Tokenizer tokenizer_;
  Punctuation punctuation_;
  std::string normal_, parted_;  // parted_: before the neighbours of dropped characters combine
  bool blank_ = false;           // blanks follow normal_
  bool is_dropped_ = false;      // some of the punctuation
};

}  // namespace xmr
