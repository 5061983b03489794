#include "xmr/featurize/normalization.hpp"

#include <algorithm>
#include <iterator>

#include <utf8proc.h>

#include "xmr/featurize/accents.hpp"
#include "xmr/featurize/scripts.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

// True for every code point that canonical ordering may move or that may be the second of a composition: marks, the
// vowels and finals of Hangul, the vowel signs of Kirat Rai (letters since Unicode 16). More than needed does no harm.
bool joins_what_precedes(std::int32_t point) {
  return is_mark(point) || (point >= 0x1160 && point <= 0x11FF) || (point >= 0x16D63 && point <= 0x16D6A);
}

constexpr std::int32_t kZeroWidthSpace = 0x200B;

// White space of Unicode that NFKC does not make a space of, and the space without width, which parts words (UAX #29).
bool is_other_blank(std::int32_t point) {
  return point == 0x85 || point == 0x1680 || point == 0x2028 || point == 0x2029 || point == kZeroWidthSpace;
}

struct PointRange {
  std::int32_t first, last;
};

// Joiners, soft hyphens, variation selectors, marks of direction and byte order: Default_Ignorable_Code_Point of
// Unicode 15, DerivedCoreProperties.txt, without the space without width.
constexpr PointRange kIgnorable[] = {
    {0xAD, 0xAD},     {0x34F, 0x34F},   {0x61C, 0x61C},     {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
    {0x200C, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

bool is_ignorable(std::int32_t point) {
  const auto* const range = std::ranges::lower_bound(kIgnorable, point, {}, &PointRange::last);
  return range != std::end(kIgnorable) && point >= range->first;
}

// A joiner between pictures makes one picture of them.
bool joins_pictures(std::int32_t point, std::int32_t previous) {
  if (point != kZeroWidthJoiner || previous == 0) return false;
  const utf8proc_category_t category = utf8proc_category(previous);
  return category == UTF8PROC_CATEGORY_SO || category == UTF8PROC_CATEGORY_SK;
}

bool is_surrogate(std::size_t point) {
  return point >= 0xD800 && point <= 0xDFFF;
}

}  // namespace

std::string_view unicode_version() {
  return utf8proc_unicode_version();
}

PointKind NormalizationTable::kind(std::int32_t point) const {
  if (options_.tokens == Tokens::whitespace) return point != ' ' && point != '\t' ? PointKind::word : PointKind::none;
  if (options_.emoji && (is_emoji(point) || continues_emoji(point))) return PointKind::emoji;
  const utf8proc_category_t category = utf8proc_category(point);
  static_assert(UTF8PROC_CATEGORY_LU == 1 && UTF8PROC_CATEGORY_NO == 11, "categories L, M and N are numbered 1 to 11");
  if (category < UTF8PROC_CATEGORY_LU || category > UTF8PROC_CATEGORY_NO) return PointKind::none;
  return options_.unspaced == Unspaced::bigrams && is_unspaced(point) ? PointKind::unspaced : PointKind::word;
}

NormalizationTable::NormalizationTable(const TokenizerOptions& options)
    : options_(options),
      flags_((options.tokens == Tokens::unicode ? UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE : 0) |
             (options.fold_case ? UTF8PROC_CASEFOLD : 0)),
      pages_(0x1100),
      points_(256) {}

// Returns the segment with spaces for other blanks, and without invisible code points.
std::string_view NormalizationTable::visible(std::string_view segment) {
  visible_.clear();
  std::int32_t previous = 0;
  for (std::size_t i = 0; i < segment.size();) {
    const DecodedPoint next = decode_utf8(segment.substr(i));
    const auto point = static_cast<std::int32_t>(next.point);
    if (is_other_blank(point)) {
      visible_ += ' ';
      previous = ' ';
    } else if (!is_ignorable(point) || joins_pictures(point, previous)) {
      visible_ += segment.substr(i, next.length);
      previous = point;
    }
    i += next.length;
  }
  return visible_;
}

std::span<const std::int32_t> NormalizationTable::normalize(std::string_view segment) {
  if (options_.tokens == Tokens::unicode) segment = visible(segment);
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(segment.data());
  const auto size = static_cast<utf8proc_ssize_t>(segment.size());
  const auto options = static_cast<utf8proc_option_t>(flags_);
  utf8proc_ssize_t length = 0;
  while (true) {
    length = utf8proc_decompose(bytes, size, points_.data(), static_cast<utf8proc_ssize_t>(points_.size()), options);
    if (length <= static_cast<utf8proc_ssize_t>(points_.size())) break;
    points_.resize(static_cast<std::size_t>(length));
  }
  if (length >= 0 && options_.fold_accents) {
    std::vector<std::int32_t> folded(points_.begin(), points_.begin() + length);
    fold_accents(folded);
    std::ranges::copy(folded, points_.begin());
    length = static_cast<utf8proc_ssize_t>(folded.size());
  }
  if (length >= 0) length = utf8proc_normalize_utf32(points_.data(), length, options);
  if (length < 0) throw DataError(std::string("text cannot be normalised: ") + utf8proc_errmsg(length));
  return std::span(points_).first(static_cast<std::size_t>(length));
}

NormalizationTable::Page* NormalizationTable::make_page(std::size_t number) {
  auto page = std::make_unique<Page>();
  const bool composes = (flags_ & UTF8PROC_COMPOSE) != 0;
  for (std::size_t i = 0; i < page->size(); ++i) {
    const std::size_t point = number * page->size() + i;
    if (is_surrogate(point)) continue;  // never asked for
    std::array<char, 4> encoded{};
    const std::uint8_t length = encode_utf8(static_cast<char32_t>(point), encoded.data());
    const std::span<const std::int32_t> normal = normalize({encoded.data(), length});
    NormalizedPoint& entry = (*page)[i];
    entry.boundary = !composes || (!normal.empty() && !joins_what_precedes(normal.front()));
    if (normal.size() != 1) continue;
    entry.length = encode_utf8(static_cast<char32_t>(normal.front()), entry.utf8.data());
    entry.kind = kind(normal.front());
  }
  pages_[number] = std::move(page);
  return pages_[number].get();
}

}  // namespace xmr
