#include "xmr/io/lines.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "xmr/io/foreign_file.hpp"
#include "xmr/io/packing.hpp"
#include "xmr/io/row_converter.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

// The bytes of one read. It does not go straight into a block: a growing string is filled with zeros, a whole block for
// a file of three lines.
constexpr std::size_t kPieceBytes = std::size_t{1} << 16;

}  // namespace

void LineBlock::Iterator::find_end() {
  const void* end = rest_.empty() ? nullptr : std::memchr(rest_.data(), '\n', rest_.size());
  length_ = end == nullptr ? rest_.size() : static_cast<std::size_t>(static_cast<const char*>(end) - rest_.data());
}

Line LineBlock::Iterator::operator*() const {
  std::string_view line = rest_.substr(0, length_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return {number_, without_mark(line)};
}

LineBlock::Iterator& LineBlock::Iterator::operator++() {
  rest_.remove_prefix(std::min(rest_.size(), length_ + 1));
  ++number_;
  if (numbers_.size() > 1) {
    numbers_ = numbers_.subspan(1);
    number_ = numbers_.front();
  }
  find_end();
  return *this;
}

LineBlocks::LineBlocks(InputFile input, Delivery delivery, std::size_t block_bytes)
    : input_(std::move(input)),
      delivery_(delivery),
      block_bytes_(std::max<std::size_t>(block_bytes, 1)),
      piece_(std::make_unique_for_overwrite<char[]>(kPieceBytes)) {}

LineBlocks::LineBlocks(const std::string& path, const PartOf& part, std::size_t block_bytes)
    : LineBlocks(InputFile(path), Delivery::full_blocks, block_bytes) {
  const FileKind kind = recognize(input_.peek(64));
  if (kind == FileKind::npz || kind == FileKind::npy)
    throw DataError(name(), "is an array file; text is needed, one instance a line");
  if (part.is_whole()) return;
  if (input_.packing() != Packing::none)
    throw DataError(
        name(), fmt::format("is packed by {}, parts can only be cut out of plain files", name_of(input_.packing())),
        fmt::format("{} {} > {}", unpacks(input_.packing()), shell_word(path), shell_word(unpacked_name(path))));
  if (!input_.is_regular()) throw DataError(name(), "is not a regular file, which a part needs");
  const MappedFile file(path);
  const std::string_view bytes = file.bytes();
  const auto first_line_from = [&](std::uint64_t place) {
    if (place == 0) return std::uint64_t{0};
    const std::size_t end = bytes.find('\n', place - 1);
    return end == std::string_view::npos ? std::uint64_t{bytes.size()} : std::uint64_t{end + 1};
  };
  const std::uint64_t begin = first_line_from(part.begin(bytes.size()));
  input_.narrow(begin, first_line_from(part.end(bytes.size())));
  next_line_ += static_cast<std::uint64_t>(std::ranges::count(bytes.substr(0, begin), '\n'));
}

void LineBlocks::refuse_bare_returns(std::string_view text) const {
  const std::size_t at = text.find('\r');
  if (at == std::string_view::npos || at + 1 == text.size()) return;
  throw DataError(input_.name(), "its lines end with CR alone, LF or CRLF is needed",
                  input_.name() == "<stdin>" ? "tr '\\r' '\\n' in the pipe before it"
                                             : fmt::format("tr '\\r' '\\n' < {} > {}", shell_word(input_.name()),
                                                           shell_word(input_.name() + ".txt")));
}

LineBlocks::~LineBlocks() = default;
LineBlocks::LineBlocks(LineBlocks&&) noexcept = default;
LineBlocks& LineBlocks::operator=(LineBlocks&&) noexcept = default;

void LineBlocks::convert_by(std::unique_ptr<RowConverter> converter) {
  converter_ = std::move(converter);
}

bool LineBlocks::next(LineBlock& block) {
  if (!converter_) return next_text(block);
  block.text.clear();
  block.numbers.clear();
  LineBlock raw;
  while (block.text.empty()) {
    const bool is_done = !next_text(raw);
    const std::uint64_t first_line = next_line_ - static_cast<std::uint64_t>(std::ranges::count(raw.text, '\n')) -
                                     static_cast<std::uint64_t>(std::ranges::count(records_, '\n'));
    records_ += raw.text;
    const std::size_t whole = converter_->whole_records(records_, is_done);
    if (records_.size() - whole > kMaxLine)
      throw DataError(input_.name(), first_line, fmt::format("record is longer than {} bytes", kMaxLine));
    converter_->convert(std::string_view(records_).substr(0, whole), first_line, block.text, block.numbers);
    records_.erase(0, whole);
    if (!is_done) continue;
    converter_->finish();
    return !block.text.empty();
  }
  return true;
}

bool LineBlocks::next_text(LineBlock& block) {
  std::string& text = block.text;
  text.clear();
  text.swap(rest_);
  std::size_t line_end = 0;  // just behind the last LF of text
  std::size_t searched = 0;
  while (!ended_) {
    // As long as no line ends in the block, it grows: by its own size, so that long lines cost linear time.
    const std::size_t size = text.size();
    const std::size_t room = size < block_bytes_ ? block_bytes_ - size : std::max(block_bytes_, size);
    const std::size_t got = input_.read({piece_.get(), std::min(room, kPieceBytes)});
    text.append(piece_.get(), got);
    ended_ = got == 0;
    const std::size_t last = std::string_view(text).substr(searched).rfind('\n');
    if (last != std::string_view::npos) line_end = searched + last + 1;
    if (line_end == 0 && searched < kPieceBytes && text.size() >= kPieceBytes && next_line_ == 1)
      refuse_bare_returns(text);
    searched = text.size();
    if (text.size() - line_end > kMaxLine)
      throw DataError(input_.name(), next_line_, fmt::format("line is longer than {} bytes", kMaxLine));
    if (line_end > 0 && (delivery_ == Delivery::as_it_arrives || text.size() >= block_bytes_)) break;
  }
  if (next_line_ == 1) {
    require_text(input_.name(), text);
    if (ended_ && line_end == 0) refuse_bare_returns(text);
  }
  if (ended_) line_end = text.size();
  rest_.assign(text, line_end);
  text.resize(line_end);
  block.first_line = next_line_;
  next_line_ += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  return !text.empty();
}

}  // namespace xmr
