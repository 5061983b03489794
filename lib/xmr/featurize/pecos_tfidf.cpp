#include "xmr/featurize/pecos_tfidf.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/featurize/gram_table.hpp"
#include "xmr/featurize/vectorizer_state.hpp"
#include "xmr/featurize/word_table.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/json_file.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kWord = 10, kChar = 20, kCharWb = 30;  // types of tokens
constexpr std::uint64_t kMaxBlocks = 1024;

// Lines of a text file, one after another. The first one says how many follow.
class LineReader {
 public:
  explicit LineReader(const std::string& path) : blocks_(InputFile(path)) {
    std::error_code ignored;
    const std::uintmax_t bytes = std::filesystem::file_size(path, ignored);
    // Memory is allocated for the announced number. A line has two bytes or more, which bounds it.
    const std::uint64_t most = std::min<std::uint64_t>(bytes / 2, kMaxColumns);
    Line line{};
    if (!next(line)) throw DataError(blocks_.name(), "is empty");
    if (!parse(line.text, count_) || count_ > most)
      fail(fmt::format("{} is not the number of the lines that follow", quote(line.text)));
  }

  std::uint64_t count() const { return count_; }
  bool next(Line& line) {
    while (at_ == std::default_sentinel) {
      if (!blocks_.next(block_)) {
        if (last_ != 0 && last_ != count_ + 1)
          throw DataError(blocks_.name(),
                          fmt::format("{} lines follow the first, which announces {}", last_ - 1, count_));
        return false;
      }
      at_ = block_.begin();
    }
    line = *at_;
    ++at_;
    last_ = line.number;
    return true;
  }
  [[noreturn]] void fail(const std::string& what) const { throw DataError(blocks_.name(), last_, what); }

  // A number is all of the text.
  template <class Number>
  static bool parse(std::string_view text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
  }
  // Takes the text before the first `separator` off `rest`.
  static std::string_view cut(std::string_view& rest, char separator) {
    const std::string_view field = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(rest.size(), field.size() + 1));
    return field;
  }

 private:
  LineBlocks blocks_;
  LineBlock block_;
  LineBlock::Iterator at_;
  std::uint64_t last_ = 0, count_ = 0;
};

// Numbers that lines give each once, 0..count-1.
class Ids {
 public:
  explicit Ids(std::uint64_t count) : seen_(count) {}

  std::uint64_t read(std::string_view text, const char* what, const LineReader& lines) {
    std::uint64_t id = 0;
    if (!LineReader::parse(text, id) || id >= seen_.size())
      lines.fail(fmt::format("{} {} is not a number in 0..{}", what, quote(text),
                             static_cast<std::int64_t>(seen_.size()) - 1));
    if (seen_[id]) lines.fail(fmt::format("{} {} is there twice", what, id));
    seen_[id] = true;
    return id;
  }

 private:
  std::vector<bool> seen_;
};

// Tokens by id: "id<TAB>token" a line, in any order.
std::vector<std::string> read_tokens(const std::string& path) {
  LineReader lines(path);
  std::vector<std::string> tokens(lines.count());
  Ids ids(lines.count());
  for (Line line{}; lines.next(line);) {
    std::string_view rest = line.text;
    const std::uint64_t id = ids.read(LineReader::cut(rest, '\t'), "token", lines);
    tokens[id] = rest;
  }
  return tokens;
}

Norm norm_of(const JsonObject& config) {
  const std::string name = config.text("norm_p");
  if (name != "l1" && name != "l2")
    throw FormatError(config.path(), fmt::format("norm_p is {}, allowed are l1 and l2", quote(name)));
  return name == "l1" ? Norm::l1 : Norm::l2;
}

void require_tfidf(const JsonObject& config) {
  if (const std::string type = config.text("type"); type != "tfidf")
    throw FormatError(config.path(), fmt::format("a vectorizer of type {}, only tfidf is read", quote(type)),
                      "make features with PECOS and give them to xmr-predict with -x");
}

BlockOptions read_options(const std::string& folder) {
  BlockOptions options;
  const JsonObject tokenizer(folder + "/tokenizer/config.json");
  const std::uint64_t type = tokenizer.count("token_type", 0, 1000);
  if (type != kWord && type != kChar && type != kCharWb)
    throw FormatError(tokenizer.path(), fmt::format("token_type is {}, allowed are 10 (words), 20 (characters) and 30 "
                                                    "(characters inside words)",
                                                    type));
  options.kind = type == kWord ? GramKind::word : GramKind::char_;

  const JsonObject file(folder + "/vectorizer/config.json");
  require_tfidf(file);
  const JsonObject config = file.object("kwargs");
  const Json& range = config.array("ngram_range");
  const auto is_n = [](const Json& n) {
    return n.is_count() && n.get<std::uint64_t>() >= 1 && n.get<std::uint64_t>() <= kMaxN;
  };
  if (range.size() != 2 || !is_n(range[0]) || !is_n(range[1]) ||
      range[0].get<std::uint64_t>() > range[1].get<std::uint64_t>())
    throw FormatError(config.path(), fmt::format("ngram_range must be two numbers in 1..{}, increasing", kMaxN));
  options.min_n = range[0].get<std::uint32_t>();
  options.max_n = range[1].get<std::uint32_t>();
  const std::int64_t longest = config.whole("max_length");
  if (longest > std::numeric_limits<std::int32_t>::max()) throw FormatError(config.path(), "max_length is too large");
  options.max_tokens = longest > 0 ? static_cast<std::uint32_t>(longest) : 0;
  options.tf = config.flag("binary")         ? TermFrequency::binary
               : config.flag("sublinear_tf") ? TermFrequency::log
                                             : TermFrequency::count;
  options.idf = config.flag("use_idf") ? InverseDocumentFrequency::pecos : InverseDocumentFrequency::none;
  options.norm = norm_of(config);
  return options;
}

// The symbols of a block: numbers of words, which all blocks share, or characters.
class Symbols {
 public:
  Symbols(const std::string& folder, GramKind kind, WordCollector& words)
      : path_(folder + "/tokenizer/vocab.txt"),
        kind_(kind),
        words_(words),
        tokens_(read_tokens(path_)),
        numbers_(tokens_.size(), kNoEntry) {}

  std::size_t size() const { return tokens_.size(); }
  // Only of tokens that are asked for. DataError for a word or a character that is none.
  std::uint32_t operator[](std::size_t token) {
    std::uint32_t& number = numbers_[token];
    if (number == kNoEntry) number = kind_ == GramKind::word ? number_of_word(token) : point_of(token);
    return number;
  }

 private:
  std::uint32_t number_of_word(std::size_t token) {
    const std::string& text = tokens_[token];
    if (text.find_first_of(" \t") != std::string::npos)  // separators of words
      throw DataError(path_, fmt::format("token {}, {}, is not a single word", token, quote(text)));
    return words_.number(text, word_hash(text));
  }
  std::uint32_t point_of(std::size_t token) const {
    const std::string& text = tokens_[token];
    if (text.empty()) return '\r';  // which ends lines here
    const DecodedPoint point = decode_utf8(text);
    if (!point.valid || point.length != text.size())
      throw DataError(path_, fmt::format("token {}, {}, is not a single character", token, quote(text)));
    return static_cast<std::uint32_t>(point.point);
  }

  std::string path_;
  GramKind kind_;
  WordCollector& words_;
  std::vector<std::string> tokens_;
  std::vector<std::uint32_t> numbers_;
};

void refuse_repeated(const GramArray& grams, const std::string& path) {
  std::vector<std::uint32_t> order(grams.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    return std::ranges::lexicographical_compare(grams[a], grams[b]);
  };
  std::ranges::sort(order, before);
  const auto equal = [&](std::uint32_t a, std::uint32_t b) { return std::ranges::equal(grams[a], grams[b]); };
  const auto found = std::ranges::adjacent_find(order, equal);
  if (found != order.end())
    throw DataError(path, fmt::format("features {} and {} have the same tokens", *found, *(found + 1)));
}

// "feature<TAB>idf<TAB>n<TAB>tokens" a line, in any order.
LearntBlock read_features(const std::string& folder, const BlockOptions& options, WordCollector& words) {
  Symbols symbols(folder, options.kind, words);
  const std::string path = folder + "/vectorizer/tfidf-model.txt";
  LineReader lines(path);
  LearntBlock block;
  block.grams.assign(lines.count() * options.max_n, kNoEntry);
  const bool has_idf = options.idf != InverseDocumentFrequency::none;
  if (has_idf) block.idf.resize(lines.count());
  Ids ids(lines.count());
  for (Line line{}; lines.next(line);) {
    std::string_view rest = line.text;
    const std::uint64_t feature = ids.read(LineReader::cut(rest, '\t'), "feature", lines);
    float idf = 0;
    std::uint32_t n = 0;
    const std::string_view idf_text = LineReader::cut(rest, '\t'), n_text = LineReader::cut(rest, '\t');
    if (!LineReader::parse(idf_text, idf) || !std::isfinite(idf) || idf < 0)
      lines.fail(fmt::format("idf {} is not a number in 0..", quote(idf_text)));
    if (!LineReader::parse(n_text, n) || n < 1 || n > options.max_n)
      lines.fail(fmt::format("{} tokens, ngram_range allows 1..{}", quote(n_text), options.max_n));
    if (has_idf) block.idf[feature] = idf;
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::string_view text = LineReader::cut(rest, ' ');
      std::uint64_t token = 0;
      if (!LineReader::parse(text, token) || token >= symbols.size())
        lines.fail(fmt::format("token {} is not in vocab.txt, 0..{}", quote(text),
                               static_cast<std::int64_t>(symbols.size()) - 1));
      block.grams[feature * options.max_n + i] = symbols[token];
    }
    if (!rest.empty()) lines.fail(fmt::format("more than {} tokens", n));
  }
  refuse_repeated({block.grams, options.max_n}, path);
  return block;
}

// The folders of the blocks, and the norm of a whole row where there are several.
struct Layout {
  std::vector<std::string> folders;
  Norm row_norm = Norm::l2;
};

Layout layout_of(const std::string& folder) {
  Layout layout;
  const std::string path = folder + "/meta.json";
  if (!std::filesystem::exists(path)) {
    layout.folders.push_back(folder);
    layout.row_norm = norm_of(JsonObject(folder + "/vectorizer/config.json").object("kwargs"));
    return layout;
  }
  const JsonObject meta(path);
  require_tfidf(meta);
  const JsonObject settings = meta.object("kwargs");
  const std::uint64_t count = settings.count("num_base_vect", 1, kMaxBlocks);
  for (std::uint64_t i = 0; i < count; ++i)
    layout.folders.push_back(fmt::format("{}/{}.base", folder, i));
  layout.row_norm = settings.count("norm_p", 1, 2) == 1 ? Norm::l1 : Norm::l2;
  return layout;
}

}  // namespace

Vectorizer read_pecos_vectorizer(const std::string& folder, Parallel& parallel) {
  const Layout layout = layout_of(folder);
  VectorizerOptions options{
      .blocks = {}, .tokenizer = {.tokens = Tokens::whitespace, .fold_case = false}, .row_norm = layout.row_norm};
  LearntTables tables;
  WordCollector words;
  for (const std::string& base : layout.folders) {
    options.blocks.push_back(read_options(base));
    tables.blocks.push_back(read_features(base, options.blocks.back(), words));
  }
  for (std::uint32_t word = 0; word < words.size(); ++word)
    tables.words.add(words.word(word));
  return Vectorizer(std::make_unique<const VectorizerState>(std::move(options), std::move(tables), parallel));
}

}  // namespace xmr
