#include "xmr/featurize/options.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/featurize/stemmer.hpp"
#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::uint64_t parse_count(std::string_view name, std::string_view text, std::uint64_t least, std::uint64_t most) {
  const std::optional<std::uint64_t> value = whole_number(text);
  if (!value || *value < least || *value > most)
    throw ConfigError(fmt::format("{}: '{}' is not a whole number in {}..{}", name, text, least, most));
  return *value;
}

constexpr std::uint64_t kMax32 = 0xFFFFFFFF;

bool is_allowed(const FrequencyBound& bound) {
  return bound.is_ratio ? bound.value >= 0 && bound.value <= 1 : bound.value >= 1;
}

FrequencyBound parse_bound(std::string_view name, std::string_view text) {
  if (const auto count = whole_number(text); count && *count >= 1 && *count <= kMax32)
    return {static_cast<double>(*count), false};
  FrequencyBound bound{-1, true};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bound.value);
  if (error != std::errc{} || end != text.data() + text.size() || whole_number(text) || !is_allowed(bound))
    throw ConfigError(fmt::format("{}: '{}' is neither a number of rows (1 to {}) nor a share of them (0.0 to 1.0)",
                                  name, text, kMax32));
  return bound;
}

std::uint32_t parse_n(std::string_view name, std::string_view text) {
  return static_cast<std::uint32_t>(parse_count(name, text, 1, kMaxN));
}

// True if a positional tf applies to this kind of block.
bool has_places(const BlockOptions& block) {
  if (block.tf == TermFrequency::position) return block.kind == GramKind::char_;
  return block.tf != TermFrequency::word_position || block.kind != GramKind::word;
}

}  // namespace

void set_option(BlockOptions& block, std::string_view name, std::string_view value) {
  if (name == "column") {
    if (value.empty() || value == "-" || value == "labels")
      throw ConfigError(fmt::format("column: '{}' cannot hold text", value));
    block.column = value;
  } else if (name == "min-df") {
    block.min_df = parse_bound(name, value);
  } else if (name == "max-df") {
    block.max_df = parse_bound(name, value);
  } else if (name == "max-features") {
    block.max_features = parse_count(name, value, 0, kMax32);
  } else if (name == "tf") {
    block.tf = parse_named<TermFrequency>(name, value);
  } else if (name == "idf") {
    block.idf = parse_named<InverseDocumentFrequency>(name, value);
  } else if (name == "norm") {
    block.norm = parse_named<Norm>(name, value);
  } else if (name == "max-tokens") {
    block.max_tokens = static_cast<std::uint32_t>(parse_count(name, value, 0, kMax32));
  } else if (name == "hash") {
    block.hash_bits =
        value == "0" ? 0 : static_cast<std::uint32_t>(parse_count(name, value, kMinHashBits, kMaxHashBits));
  } else {
    throw ConfigError(fmt::format("'{}' is not a setting of a block", name),
                      "the settings are column, min-df, max-df, max-features, tf, idf, norm, max-tokens, hash");
  }
}

BlockOptions parse_block(GramKind kind, std::string_view text, const BlockOptions& defaults) {
  BlockOptions block = defaults;
  block.kind = kind;
  const std::size_t colon = text.find(':');
  const std::string_view range = text.substr(0, colon);
  const std::size_t dash = range.find('-');
  block.min_n = parse_n(name_of(kind), range.substr(0, dash));
  block.max_n = dash == std::string_view::npos ? block.min_n : parse_n(name_of(kind), range.substr(dash + 1));
  if (block.min_n > block.max_n)
    throw ConfigError(fmt::format("{}: '{}' starts with the larger number", name_of(kind), range));
  std::string_view settings = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  while (!settings.empty()) {
    const std::string_view setting = settings.substr(0, settings.find(','));
    settings.remove_prefix(std::min(settings.size(), setting.size() + 1));
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos)
      throw ConfigError(fmt::format("{} {}: '{}' is not of the form name=value", name_of(kind), text, setting));
    set_option(block, setting.substr(0, equals), setting.substr(equals + 1));
  }
  return block;
}

void check(const VectorizerOptions& options) {
  if (options.blocks.empty()) throw ConfigError("no block of features", "for example --word 1");
  const TokenizerOptions& tokenizer = options.tokenizer;
  if (tokenizer.tokens == Tokens::whitespace && (tokenizer.fold_accents || tokenizer.emoji || !tokenizer.stem.empty()))
    throw ConfigError("tokens whitespace: keeps the text as it is; --fold-accents, --emoji and --stem need unicode");
  for (const BlockOptions& block : options.blocks) {
    const std::string name = fmt::format("{} {}-{}", name_of(block.kind), block.min_n, block.max_n);
    const bool bounds = block.min_df.is_ratio || block.min_df.value != 1 || !block.max_df.is_ratio ||
                        block.max_df.value != 1 || block.max_features != 0;
    if (block.hash_bits != 0 && bounds)
      throw ConfigError(
          fmt::format("{}: min-df, max-df and max-features choose from a vocabulary; with hash there is none", name));
    if (!has_places(block))
      throw ConfigError(fmt::format("{}: tf {} is for {}", name, name_of(block.tf),
                                    block.tf == TermFrequency::position ? "char" : "char and char-wb"));
    if (block.min_df.is_ratio == block.max_df.is_ratio && block.min_df.value > block.max_df.value)
      throw ConfigError(
          fmt::format("{}: min-df {} is more than max-df {}", name, block.min_df.value, block.max_df.value));
  }
}

namespace {

Json bound_to_json(const FrequencyBound& bound) {
  if (bound.is_ratio) return bound.value;
  return static_cast<std::uint64_t>(bound.value);
}

Json block_to_json(const BlockOptions& block) {
  return {{"kind", name_of(block.kind)},
          {"min_n", block.min_n},
          {"max_n", block.max_n},
          {"column", block.column},
          {"min_df", bound_to_json(block.min_df)},
          {"max_df", bound_to_json(block.max_df)},
          {"max_features", block.max_features},
          {"tf", name_of(block.tf)},
          {"idf", name_of(block.idf)},
          {"norm", name_of(block.norm)},
          {"max_tokens", block.max_tokens},
          {"hash_bits", block.hash_bits}};
}

// Members of a JSON object that comes from outside.
class JsonReader {
 public:
  JsonReader(const Json& json, const std::string& place) : json_(json), place_(place) {
    if (!json.is_object()) throw FormatError(place_, "is not a JSON object");
  }

  const Json& get(const char* name) const {
    const Json* const found = json_.find(name);
    if (found == nullptr) fail(name);
    return *found;
  }
  std::string text(const char* name) const {
    const Json& value = get(name);
    if (!value.is_string()) fail(name);
    return value.get<std::string>();
  }
  bool flag(const char* name) const {
    const Json& value = get(name);
    if (!value.is_boolean()) fail(name);
    return value.get<bool>();
  }
  std::uint64_t count(const char* name, std::uint64_t least, std::uint64_t most) const {
    const Json& value = get(name);
    if (!value.is_count()) fail(name);
    const auto number = value.get<std::uint64_t>();
    if (number < least || number > most) fail(name);
    return number;
  }
  std::uint32_t count32(const char* name, std::uint32_t least = 0, std::uint32_t most = 0xFFFFFFFF) const {
    return static_cast<std::uint32_t>(count(name, least, most));
  }
  FrequencyBound bound(const char* name) const {
    const Json& value = get(name);
    if (!value.is_number()) fail(name);
    const FrequencyBound bound{value.get<double>(), !value.is_whole()};
    if (!is_allowed(bound)) fail(name);
    return bound;
  }
  template <class Enum>
  Enum named(const char* name) const {
    const auto value = find_named<Enum>(text(name));
    if (!value) fail(name);
    return *value;
  }
  [[noreturn]] void fail(const char* name) const {
    throw FormatError(place_, fmt::format("\"{}\" is missing or has a bad value", name));
  }

 private:
  const Json& json_;
  const std::string& place_;
};

BlockOptions block_options(const Json& json, const std::string& place) {
  const JsonReader reader(json, place);
  BlockOptions block;
  block.kind = reader.named<GramKind>("kind");
  block.min_n = reader.count32("min_n", 1, kMaxN);
  block.max_n = reader.count32("max_n", block.min_n, kMaxN);
  block.column = reader.text("column");
  block.min_df = reader.bound("min_df");
  block.max_df = reader.bound("max_df");
  block.max_features = reader.count32("max_features");
  block.tf = reader.named<TermFrequency>("tf");
  if (!has_places(block)) reader.fail("tf");
  block.idf = reader.named<InverseDocumentFrequency>("idf");
  block.norm = reader.named<Norm>("norm");
  block.max_tokens = reader.count32("max_tokens");
  block.hash_bits = reader.count32("hash_bits", 0, kMaxHashBits);
  return block;
}

// Reads the members that files of earlier tools lack.
void read_terms(const Json& json, const std::string& place, TokenizerOptions& options) {
  const JsonReader reader(json, place);
  options.unspaced = json.contains("unspaced") ? reader.named<Unspaced>("unspaced") : Unspaced::whole;
  options.fold_accents = json.contains("fold_accents") && reader.flag("fold_accents");
  options.emoji = json.contains("emoji") && reader.flag("emoji");
  if (!json.contains("stem")) return;
  const Json& stem = json["stem"];
  if (!stem.is_object() || !stem.contains("language") || !stem["language"].is_string() || !stem.contains("version"))
    reader.fail("stem");
  options.stem = stem["language"].text();
  const std::vector<std::string> known = stemmer_languages();
  if (!std::ranges::binary_search(known, options.stem)) reader.fail("stem");
  if (Stemmer(options.stem).version() != stem["version"])
    throw FormatError(place, "the stems are those of another version of libstemmer",
                      "xmr-featurize fit learns the vectorizer anew");
}

}  // namespace

Json to_json(const VectorizerOptions& options) {
  Json json = {{"tokens", name_of(options.tokenizer.tokens)}, {"fold_case", options.tokenizer.fold_case}};
  // Members that are absent from files of earlier tools have the value that these had.
  const TokenizerOptions& tokenizer = options.tokenizer;
  if (tokenizer.tokens == Tokens::unicode && tokenizer.unspaced != Unspaced::whole)
    json["unspaced"] = name_of(tokenizer.unspaced);
  if (tokenizer.fold_accents) json["fold_accents"] = true;
  if (tokenizer.emoji) json["emoji"] = true;
  if (!tokenizer.stem.empty())
    json["stem"] = {{"language", tokenizer.stem}, {"version", Stemmer(tokenizer.stem).version()}};
  json["row_norm"] = name_of(options.row_norm);
  json["blocks"] = Json::array();
  for (const BlockOptions& block : options.blocks)
    json["blocks"].push_back(block_to_json(block));
  return json;
}

VectorizerOptions vectorizer_options(const Json& json, const std::string& place) {
  const JsonReader reader(json, place);
  VectorizerOptions options;
  options.tokenizer.tokens = reader.named<Tokens>("tokens");
  options.tokenizer.fold_case = reader.flag("fold_case");
  read_terms(json, place, options.tokenizer);
  options.row_norm = reader.named<Norm>("row_norm");
  const Json& blocks = reader.get("blocks");
  if (!blocks.is_array() || blocks.empty()) reader.fail("blocks");
  for (const Json& block : blocks.values())
    options.blocks.push_back(block_options(block, place));
  return options;
}

}  // namespace xmr
