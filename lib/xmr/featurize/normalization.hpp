#pragma once
// The normalisation of single code points, and the set of code points that may be normalised one at a time.
//
// Tokens::unicode means NFKC, and words made of letters, digits and marks (Unicode categories L, N, M). Invisible code
// points (Default_Ignorable_Code_Point: joiners, soft hyphens, variation selectors, byte order marks) are left out, so
// that they separate no words (UAX #29, rule WB4); a joiner between pictures stays. All white space, and the zero-width
// space, becomes a space. Tokens::whitespace means no normalisation, and words made of everything but space and tab, as
// in PECOS (which separates at the space only). Both work with or without full case folding. The normal forms are from
// utf8proc.
//
// NFKC looks at several code points together, but only between boundaries: a code point begins a new, independent
// segment if its normal form starts with a code point that neither combines with nor moves before its left neighbour.
// Nearly all segments are one code point with a one-code-point result and are looked up here; the others go through
// utf8proc.
//
// Tables are made by page of 256 code points when first used (about 50 µs and 2 KiB each).
// Thread rule: one thread at a time per object.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/util/enum_names.hpp"

namespace xmr {

// The version of the tables in use, "13.0.0". Newer tables know more letters.
std::string_view unicode_version();

enum class Tokens { unicode, whitespace };
template <>
struct EnumNames<Tokens> {
  static constexpr EnumName<Tokens> kTable[] = {
      {Tokens::unicode, "unicode", "NFKC; words are runs of letters, digits and marks"},
      {Tokens::whitespace, "whitespace", "text as it is; words between spaces and tabs"},
  };
};

// The words of scripts that put no blanks between words.
enum class Unspaced { whole, bigrams };
template <>
struct EnumNames<Unspaced> {
  static constexpr EnumName<Unspaced> kTable[] = {
      {Unspaced::whole, "whole", "runs of letters"},
      {Unspaced::bigrams, "bigrams", "the overlapping pairs of characters of a run, and the run"},
  };
};

// The options of a tokenizer. Options after fold_case need Tokens::unicode. To add one: a member here, its effect in
// normalization.cpp, its JSON in options.cpp, its option in tools/xmr-featurize/fit.cpp, the oracle
// tests/support/plain_tokenizer.cpp, a test, docs/xmr-featurize.md.
struct TokenizerOptions {
  Tokens tokens = Tokens::unicode;
  bool fold_case = true;                  // full Unicode case folding; NFKC goes with Tokens::unicode
  Unspaced unspaced = Unspaced::bigrams;  // for words of n-grams; Tokens::whitespace has none
  bool fold_accents = false;              // accents.hpp
  bool emoji = false;                     // each is a word
  std::string stem = {};                  // language of the stems of words; empty: unchanged words
};

enum class PointKind : std::uint8_t { none, word, unspaced, emoji };

struct NormalizedPoint {
  std::array<char, 4> utf8{};        // the normal form of the code point alone, `length` bytes
  std::uint8_t length = 0;           // 0: it is not exactly one code point
  PointKind kind = PointKind::none;  // of the normal form; other kinds are parts of words
  bool boundary = false;             // starts a new segment
};

class NormalizationTable {
 public:
  explicit NormalizationTable(const TokenizerOptions& options);

  const NormalizedPoint& operator[](char32_t point) {
    const auto& page = pages_[point >> 8];
    return page ? (*page)[point & 0xFF] : (*make_page(point >> 8))[point & 0xFF];
  }

  // The normal form of a segment (well-formed UTF-8), by utf8proc; valid until the next call.
  std::span<const std::int32_t> normalize(std::string_view segment);

  // The kind of a code point of a normal form.
  PointKind kind(std::int32_t point) const;

 private:
  using Page = std::array<NormalizedPoint, 256>;
  Page* make_page(std::size_t number);
  std::string_view visible(std::string_view segment);

  TokenizerOptions options_;
  int flags_;  // utf8proc's
  std::vector<std::unique_ptr<Page>> pages_;
  std::vector<std::int32_t> points_;  // result of normalize()
  std::string visible_;
};

}  // namespace xmr
