#include "xmr/featurize/corpus_rows.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/quote.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

// Small, so that all threads end a batch at about the same time.
constexpr std::size_t kBlockBytes = std::size_t{1} << 18;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

LineBlocks open_corpus(const std::string& path, const PartOf& part) {
  return {path, part, kBlockBytes};
}

LineBlocks open_corpus(const CorpusInput& input, const std::string& path) {
  LineBlocks blocks = open_corpus(path, input.part);
  if (input.is_plain() && (input.format == RowFormat::tsv || !input.part.is_whole())) return blocks;
  if (!input.part.is_whole())
    throw ConfigError("--part: parts are cut out of lines of TSV, without a header",
                      "xmr-featurize fit and apply read all rows without --part");
  constexpr std::size_t kStart = 4096;  // what InputFile::peek() gives
  const std::string_view start = input.is_plain() ? "" : blocks.peek(kStart);
  blocks.convert_by(make_row_converter(blocks.name(), input.columns, input.format, start));
  return blocks;
}

RowReader::RowReader(CorpusColumns columns, InvalidUtf8 invalid_utf8, const std::vector<std::string>& wanted)
    : columns_(std::move(columns)),
      refuse_(invalid_utf8 == InvalidUtf8::refuse),
      fields_(columns_.size()),
      wanted_(wanted.size()) {
  for (const std::string& name : wanted)
    positions_.push_back(columns_.find(name));
}

// A first line that holds the names of its columns is no row.
void RowReader::refuse_header(LinePlace place) const {
  const std::vector<std::string>& names = columns_.names();
  if (names.size() < 2 || !columns_.sources().empty()) return;
  std::string sources;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == "-") continue;
    if (!std::ranges::equal(names[i], fields_[i], {}, lower, lower)) return;
    sources += fmt::format("{}{}={}", sources.empty() ? "" : ",", names[i], fields_[i]);
  }
  throw DataError(place.file, place.line, "is a header, not a row",
                  fmt::format("--columns {} names the columns of a header", sources));
}

std::span<const std::string_view> RowReader::read(LinePlace place, std::string_view line) {
  refuse_unread_record(place, line);
  columns_.split(place, line, fields_);
  if (place.line == 1) refuse_header(place);
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    wanted_[i] = fields_[positions_[i]];
    if (refuse_) require_utf8(place, wanted_[i]);
  }
  return wanted_;
}

std::string header_hint(std::string_view file) {
  if (file == "<stdin>") return "if the first line is a header, leave it out: tail -n +2";
  return fmt::format("if the first line is a header, leave it out: tail -n +2 {} > {}", shell_word(file),
                     shell_word(std::string(file) + ".rows"));
}

void OddLines::find(const LineBlock& block, const std::string& file) {
  const bool has_nul = block.text.find('\0') != std::string::npos;
  if (!has_nul && find_invalid_utf8(block.text) == std::string_view::npos) return;
  for (const Line line : block) {
    if (const std::size_t at = find_invalid_utf8(line.text); at != std::string_view::npos && not_utf8++ == 0)
      first_not_utf8 = fmt::format("{}:{}: byte {} is 0x{:02x}", file, line.number, at + 1,
                                   static_cast<unsigned char>(line.text[at]));
    if (has_nul && line.text.find('\0') != std::string_view::npos && with_nul++ == 0)
      first_with_nul = fmt::format("{}:{}", file, line.number);
  }
}

void OddLines::add(const OddLines& later) {
  if (not_utf8 == 0) first_not_utf8 = later.first_not_utf8;
  if (with_nul == 0) first_with_nul = later.first_with_nul;
  not_utf8 += later.not_utf8;
  with_nul += later.with_nul;
}

void OddLines::report(Observer& observer) const {
  if (not_utf8 > 0)
    observer.warn(
        fmt::format("{} lines are not UTF-8, the first: {}; such bytes are read as U+FFFD, which separates words "
                    "(Latin-1 is converted by iconv -f LATIN1 -t UTF-8; --invalid-utf8 refuse makes this an error)",
                    not_utf8, first_not_utf8));
  if (with_nul > 0) observer.warn(fmt::format("{} lines hold a NUL byte, the first: {}", with_nul, first_with_nul));
}

void CorpusTotals::add(const BlockCounts& counts) {
  if (counts_.skipped_rows == 0) first_bad_row_ = counts.first_bad_row;
  counts_.rows += counts.rows;
  counts_.skipped_rows += counts.bad_rows;
  counts_.bytes += counts.bytes;
  odd_lines_.add(counts.odd_lines);
  observer_.advance(counts.rows);
}

CorpusCounts CorpusTotals::finish(const CorpusInput& input) const {
  if (counts_.skipped_rows > 0)
    observer_.warn(fmt::format("{} bad rows left out, the first: {}", counts_.skipped_rows, first_bad_row_));
  odd_lines_.report(observer_);
  const std::string& file = input.paths.front() == "-" ? "<stdin>" : input.paths.front();
  if (counts_.rows == 0 && input.part.is_whole()) throw DataError(file, "has no row, at least one is needed");
  return counts_;
}

}  // namespace xmr
