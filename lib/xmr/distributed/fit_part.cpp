#include "xmr/distributed/fit_part.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "xmr/distributed/corpus_identity.hpp"
#include "xmr/featurize/normalization.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::string_view kFitPartKind = "fit-part";
constexpr int kFitPartVersion = 1;
constexpr std::uint32_t kCodePoints = 0x110000;

std::string block_member(std::size_t block, std::string_view name) {
  return fmt::format("block{}/{}", block, name);
}

bool look_words_up(const VectorizerOptions& options) {
  return std::ranges::any_of(options.blocks, has_words);
}

}  // namespace

Json fit_origin(const CorpusInput& input, const VectorizerOptions& options) {
  if (input.part.parts > FitPart::kMaxParts)
    throw ConfigError(fmt::format("a fit of {} parts; at most {} can be merged", input.part.parts, FitPart::kMaxParts));
  Json origin = {{"options", to_json(options)},
                 {"columns", input.columns.names()},
                 {"corpus_bytes", corpus_bytes(input.paths)},
                 {"unicode", unicode_version()}};
  record_part(input.part, "", origin);
  return origin;
}

void write_fit_part(NpzWriter& out, Json origin, const VectorizerOptions& options, const TextCounts& counts) {
  if (look_words_up(options)) {
    StringTableBuilder words;
    for (const std::string_view word : counts.words)
      words.add(word);
    words.write(out, "words/");
  }
  for (std::size_t b = 0; b < options.blocks.size(); ++b) {
    const BlockOptions& block = options.blocks[b];
    const CountedGrams counted = counts.take(b, {});
    if (has_vocabulary(block)) {
      const std::uint64_t shape[2] = {counted.rows.size(), block.max_n};
      const auto bytes = std::as_bytes(std::span(counted.symbols));
      out.add(block_member(b, "grams"), DType::u4, shape, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    if (has_vocabulary(block) || counts_buckets(block)) out.add(block_member(b, "rows"), counted.rows);
  }
  origin["rows"] = counts.rows;
  out.commit({std::string(kFitPartKind), kFitPartVersion, std::move(origin)});
}

FitPart::FitPart(const std::string& path) : file_(path) {
  file_.require_kind(kFitPartKind, kFitPartVersion);
  file_.check_all();
  const Json& content = file_.meta().content;
  origin_ = PartOrigin(file_.name(), content);
  origin_.content.erase("rows");
  if (origin_.part.parts > kMaxParts)
    throw FormatError(file_.name(), fmt::format("meta.json: a fit of {} parts", origin_.part.parts));
  rows_ = meta_count(file_, content, "rows", std::numeric_limits<std::uint32_t>::max());
  options_ = vectorizer_options(meta_value<Json>(file_, content, "options"), file_.name() + ": options in meta.json");
  if (look_words_up(options_)) {
    words_ = read_string_table(file_, "words/");
    check_words();
  }
  for (std::size_t b = 0; b < options_.blocks.size(); ++b) {
    const BlockOptions& options = options_.blocks[b];
    Block& block = blocks_.emplace_back();
    block.grams.width = options.max_n;
    if (has_vocabulary(options) || counts_buckets(options))
      block.rows = file_.array<std::uint32_t>(block_member(b, "rows"));
    check_rows(b);
    if (!has_vocabulary(options)) continue;
    const NpyArray grams = file_.get(block_member(b, "grams"));
    if (grams.shape != std::vector<std::uint64_t>{block.rows.size(), options.max_n} || grams.fortran_order)
      throw FormatError(grams.name, fmt::format("must be {} n-grams of {} symbols", block.rows.size(), options.max_n));
    block.grams.symbols = grams.as<std::uint32_t>();
    check_grams(b);
  }
}

void FitPart::require_this_version() const {
  xmr::require_this_version(file_);
  const auto unicode = meta_value<std::string>(file_, file_.meta().content, "unicode");
  if (unicode != unicode_version())
    throw DataError(file_.name(), fmt::format("was made with Unicode {}, this is {}", unicode, unicode_version()));
}

void FitPart::check_words() const {
  if (words_.size() >= kNoEntry)
    throw FormatError(file_.name(), "member words/offsets: more words than 32 bits can number");
  for (std::size_t i = 1; i < words_.size(); ++i)
    if (words_[i] <= words_[i - 1])
      throw FormatError(file_.name(), fmt::format("member words/bytes: word {} does not come after the one before", i));
}

void FitPart::check_rows(std::size_t block) const {
  const BlockOptions& options = options_.blocks[block];
  const auto rows = blocks_[block].rows;
  if (counts_buckets(options) && rows.size() != std::size_t{1} << options.hash_bits)
    throw FormatError(file_.name(), fmt::format("member {}: must have {} items", block_member(block, "rows"),
                                                1U << options.hash_bits));
  const std::uint32_t least = has_vocabulary(options) ? 1 : 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i] < least || rows[i] > rows_)
      throw FormatError(file_.name(), fmt::format("member {}: item {}: {} is outside {}..{}",
                                                  block_member(block, "rows"), i, rows[i], least, rows_));
}

void FitPart::check_grams(std::size_t block) const {
  const BlockOptions& options = options_.blocks[block];
  const GramArray& grams = blocks_[block].grams;
  const std::size_t symbols = has_words(options) ? words_.size() : kCodePoints;
  std::span<const std::uint32_t> before;
  for (std::size_t i = 0; i < grams.size(); ++i) {
    const auto gram = grams[i];
    if (gram.size() < options.min_n || !std::ranges::all_of(gram, [&](std::uint32_t s) { return s < symbols; }) ||
        (i > 0 && !gram_less(before, gram)))
      throw FormatError(file_.name(),
                        fmt::format("member {}: {} is not an n-gram, or does not come after the one before",
                                    block_member(block, "grams"), i));
    before = gram;
  }
}

}  // namespace xmr
