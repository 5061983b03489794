#include "xmr/io/lines.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

// What is read at once. Not straight into a block: a string fills with zeros what it grows by, all of a block for a
// file of three lines.
constexpr std::size_t kPieceBytes = std::size_t{1} << 16;

// What spreadsheets and editors of Windows put before UTF-8, and before UTF-16 of either order.
constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf", kUtf16Marks[] = {"\xff\xfe", "\xfe\xff"};

}  // namespace

void LineBlock::Iterator::find_end() {
  const void* end = rest_.empty() ? nullptr : std::memchr(rest_.data(), '\n', rest_.size());
  length_ = end == nullptr ? rest_.size() : static_cast<std::size_t>(static_cast<const char*>(end) - rest_.data());
}

Line LineBlock::Iterator::operator*() const {
  std::string_view line = rest_.substr(0, length_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (number_ == 1 && line.starts_with(kUtf8Mark)) line.remove_prefix(kUtf8Mark.size());
  return {number_, line};
}

LineBlock::Iterator& LineBlock::Iterator::operator++() {
  rest_.remove_prefix(std::min(rest_.size(), length_ + 1));
  ++number_;
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
  if (!input_.is_regular()) throw DataError(name(), "is no regular file, parts can only be cut out of one");
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

bool LineBlocks::next(LineBlock& block) {
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
    searched = text.size();
    if (text.size() - line_end > kMaxLine)
      throw DataError(input_.name(), next_line_, fmt::format("line is longer than {} bytes", kMaxLine));
    if (line_end > 0 && (delivery_ == Delivery::as_it_arrives || text.size() >= block_bytes_)) break;
  }
  if (ended_) line_end = text.size();
  rest_.assign(text, line_end);
  text.resize(line_end);
  block.first_line = next_line_;
  if (block.first_line == 1 && std::ranges::any_of(kUtf16Marks, [&](auto mark) { return text.starts_with(mark); }))
    throw DataError(input_.name(), "is UTF-16, text must be UTF-8", "iconv -f UTF-16 -t UTF-8 makes it so");
  next_line_ += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  return !text.empty();
}

}  // namespace xmr
