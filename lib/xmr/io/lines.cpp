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

}  // namespace

void LineBlock::Iterator::find_end() {
  const void* end = rest_.empty() ? nullptr : std::memchr(rest_.data(), '\n', rest_.size());
  length_ = end == nullptr ? rest_.size() : static_cast<std::size_t>(static_cast<const char*>(end) - rest_.data());
}

Line LineBlock::Iterator::operator*() const {
  std::string_view line = rest_.substr(0, length_);
  if (line.ends_with('\r')) line.remove_suffix(1);
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
  next_line_ += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  return !text.empty();
}

}  // namespace xmr
