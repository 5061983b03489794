#pragma once
// The options of a vectorizer: its blocks and their common settings. docs/methods.md, "Features", has the formulae.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/featurize/normalization.hpp"
#include "xmr/io/json.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/enum_names.hpp"

namespace xmr {

enum class GramKind { word, char_, char_wb };
template <>
struct EnumNames<GramKind> {
  static constexpr EnumName<GramKind> kTable[] = {
      {GramKind::word, "word"},
      {GramKind::char_, "char"},
      {GramKind::char_wb, "char-wb"},
  };
};

// The weight of an n-gram that occurs c times in a row: c, 1 or 1 + ln c; or Σ 1/(i+1) over the places i at which it
// begins, in characters from 0, in the text or in its word (0 between words).
enum class TermFrequency { count, binary, log, position, word_position };
template <>
struct EnumNames<TermFrequency> {
  static constexpr EnumName<TermFrequency> kTable[] = {
      {TermFrequency::count, "count"},
      {TermFrequency::binary, "binary"},
      {TermFrequency::log, "log"},
      {TermFrequency::position, "position"},
      {TermFrequency::word_position, "word-position"},
  };
};

enum class InverseDocumentFrequency { none, sklearn, pecos };
template <>
struct EnumNames<InverseDocumentFrequency> {
  static constexpr EnumName<InverseDocumentFrequency> kTable[] = {
      {InverseDocumentFrequency::none, "none"},
      {InverseDocumentFrequency::sklearn, "sklearn"},
      {InverseDocumentFrequency::pecos, "pecos"},
  };
};

// A bound on document frequencies: a count (≥ 1) or a share of the documents (ratio).
struct FrequencyBound {
  double value = 1;
  bool is_ratio = false;
};

struct BlockOptions {
  GramKind kind = GramKind::word;
  std::uint32_t min_n = 1, max_n = 1;
  std::string column = "text";
  FrequencyBound min_df{1, false}, max_df{1, true};
  std::uint64_t max_features = 0;  // of the largest document frequencies; 0: no bound
  TermFrequency tf = TermFrequency::count;
  InverseDocumentFrequency idf = InverseDocumentFrequency::sklearn;
  Norm norm = Norm::l2;
  std::uint32_t max_tokens = 0;  // texts are cut after so many words (char: characters); 0: never
  std::uint32_t hash_bits = 0;   // 0: exact vocabulary; else feature = upper bits of the hash, only the idf is learnt
};

struct VectorizerOptions {
  std::vector<BlockOptions> blocks;
  TokenizerOptions tokenizer = {};
  Norm row_norm = Norm::l2;
};

// The largest n of an n-gram.
inline constexpr std::uint32_t kMaxN = 16;
// Bits of a hashed block; 0 is an exact vocabulary.
inline constexpr std::uint32_t kMinHashBits = 4, kMaxHashBits = 28;

// True if places count.
inline bool is_positional(TermFrequency tf) {
  return tf == TermFrequency::position || tf == TermFrequency::word_position;
}

// True if a block learns a vocabulary. A hashed block learns only the number of rows of each
// bucket.
inline bool has_vocabulary(const BlockOptions& block) {
  return block.hash_bits == 0;
}
inline bool has_words(const BlockOptions& block) {
  return block.kind == GramKind::word && has_vocabulary(block);
}
inline bool counts_buckets(const BlockOptions& block) {
  return !has_vocabulary(block) && block.idf != InverseDocumentFrequency::none;
}

// Sets one option of a block by its name on the command line: column, min-df, max-df, max-features, tf, idf, norm,
// max-tokens, hash. A number with a point is a share ("0.5"), a whole one a count. ConfigError.
void set_option(BlockOptions& block, std::string_view name, std::string_view value);

// Parses "1", "1-2" or "1-2:column=title,min-df=2"; other options are as in `defaults`. ConfigError.
BlockOptions parse_block(GramKind kind, std::string_view text, const BlockOptions& defaults);

// ConfigError for options that contradict each other.
void check(const VectorizerOptions& options);

// Options as in meta.json. vectorizer_options() throws FormatError(place, ...) for JSON that to_json() cannot make.
Json to_json(const VectorizerOptions& options);
VectorizerOptions vectorizer_options(const Json& json, const std::string& place);

}  // namespace xmr
