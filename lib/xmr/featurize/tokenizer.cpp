#include "xmr/featurize/tokenizer.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "xmr/util/error.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

// Input is processed in pieces, so that room for the output is checked once a piece.
constexpr std::size_t kPiece = 4096;
// A byte becomes at most three: an ill-formed byte becomes U+FFFD, and no normal form of one code point grows by more.
constexpr std::size_t kGrowth = 3;

bool is_ascii(char byte) {
  return static_cast<unsigned char>(byte) < 0x80;
}

// Returns the first byte that is not ASCII, or `end`.
const char* find_non_ascii(const char* begin, const char* end) {
  for (std::uint64_t eight = 0; end - begin >= 8; begin += 8) {
    std::memcpy(&eight, begin, 8);
    if ((eight & 0x8080808080808080U) != 0) break;
  }
  return std::find_if_not(begin, end, is_ascii);
}

std::string_view rest(const char* at, const char* end) {
  return {at, static_cast<std::size_t>(end - at)};
}

}  // namespace

Tokenizer::Tokenizer(const TokenizerOptions& options) : table_(options) {
  if (!options.stem.empty()) stemmer_ = std::make_unique<Stemmer>(options.stem);
  for (char32_t point = 0; point < ascii_.size(); ++point) {
    ascii_[point] = table_[point].utf8[0];
    ascii_word_[point] = table_[point].kind != PointKind::none;
  }
}

void Tokenizer::reserve(std::size_t more) {
  const std::size_t needed = length_ + more;
  if (needed > std::numeric_limits<std::uint32_t>::max()) throw DataError("text of 4 GiB or more after normalisation");
  if (needed > text_.size()) text_.resize(std::max(needed, 2 * text_.size()));
  if (edge_count_ + more + 1 > edges_.size()) edges_.resize(std::max(edge_count_ + more + 1, 2 * edges_.size()));
}

void Tokenizer::run(std::string_view text) {
  length_ = edge_count_ = 0;
  in_word_ = in_emoji_ = has_cuts_ = false;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const char* const stop = at + std::min(kPiece, static_cast<std::size_t>(end - at));
    reserve(kGrowth * (kPiece + 4));
    while (at < stop) {
      at = put_ascii(at, stop);
      // The next code point may combine with the last ASCII character, so put_segment gets one.
      if (at < stop) at = put_segment(at, end);
    }
  }
  reserve(1);
  if (in_word_) edges_[edge_count_++] = static_cast<std::uint32_t>(length_);
  has_terms_ = has_cuts_ || stemmer_ != nullptr;
  if (has_terms_) cut_terms();
}

const char* Tokenizer::put_ascii(const char* begin, const char* end) {
  const char* stop = find_non_ascii(begin, end);
  if (stop != begin) --stop;
  if (stop != begin && in_emoji_) end_emoji();
  // Without a branch: the position after the last edge is overwritten until it is an edge. Members are copied to
  // locals, because a store through char* may alias them.
  char* out = text_.data() + length_;
  std::uint32_t* edge = edges_.data() + edge_count_;
  std::size_t position = length_;
  bool in_word = in_word_;
  for (; begin != stop; ++begin, ++position) {
    const auto byte = static_cast<unsigned char>(*begin);
    const bool word = ascii_word_[byte];
    *out++ = ascii_[byte];
    *edge = static_cast<std::uint32_t>(position);
    edge += static_cast<int>(word != in_word);
    in_word = word;
  }
  length_ = position;
  edge_count_ = static_cast<std::size_t>(edge - edges_.data());
  in_word_ = in_word;
  return stop;
}

// Ends the word that emoji are: a letter begins another one.
void Tokenizer::end_emoji() {
  edges_[edge_count_++] = static_cast<std::uint32_t>(length_);
  in_word_ = in_emoji_ = false;
}

void Tokenizer::put(const std::array<char, 4>& utf8, std::uint8_t length, PointKind kind) {
  const bool word = kind != PointKind::none, emoji = kind == PointKind::emoji;
  has_cuts_ |= kind > PointKind::word;
  if (word && in_word_ && emoji != in_emoji_) end_emoji();
  if (word != in_word_) edges_[edge_count_++] = static_cast<std::uint32_t>(length_);
  in_word_ = word;
  in_emoji_ = emoji;
  std::memcpy(text_.data() + length_, utf8.data(), utf8.size());  // reserve() left room
  length_ += length;
}

bool Tokenizer::starts_segment(const char* at, const char* end) {
  return at == end || is_ascii(*at) || table_[decode_utf8(rest(at, end)).point].boundary;
}

const char* Tokenizer::put_segment(const char* begin, const char* end) {
  DecodedPoint next = decode_utf8(rest(begin, end));
  const char* at = begin + next.length;
  const NormalizedPoint& first = table_[next.point];
  if (first.length != 0 && starts_segment(at, end)) {
    put(first.utf8, first.length, first.kind);
    return at;
  }
  std::array<char, 4 * kMaxSegment> segment;
  std::size_t size = encode_utf8(next.point, segment.data());
  for (std::size_t points = 1; points < kMaxSegment && !starts_segment(at, end); ++points) {
    next = decode_utf8(rest(at, end));
    at += next.length;
    size += encode_utf8(next.point, segment.data() + size);
  }
  put_combined({segment.data(), size});
  return at;
}

void Tokenizer::put_combined(std::string_view segment) {
  const std::span<const std::int32_t> points = table_.normalize(segment);
  reserve(4 * points.size() + kGrowth * (kPiece + 4));
  for (const std::int32_t point : points) {
    std::array<char, 4> utf8{};
    const std::uint8_t length = encode_utf8(static_cast<char32_t>(point), utf8.data());
    put(utf8, length, table_.kind(point));
  }
}

}  // namespace xmr
