#include "xmr/util/selection.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"
#include "xmr/util/random.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kOpenEnd = std::numeric_limits<std::uint64_t>::max();

[[noreturn]] void fail(std::string_view whole, std::string_view token, std::string_view what) {
  throw ConfigError(fmt::format("selection {}: {} {}", quote(whole), quote(token), what),
                    "numbers and ranges by commas, for example 0:100,205,300:");
}

std::uint64_t parse_number(std::string_view text, std::uint64_t absent, std::string_view whole) {
  if (text.empty()) return absent;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == kOpenEnd)
    fail(whole, text, "is not a number");
  return number;
}

}  // namespace

Selection::Range Selection::parse_range(std::string_view token, std::string_view whole) {
  if (token.empty()) fail(whole, token, "is not a number");
  const std::size_t colon = token.find(':');
  const std::uint64_t begin = parse_number(token.substr(0, colon), 0, whole);
  const std::uint64_t end =
      colon == std::string_view::npos ? begin + 1 : parse_number(token.substr(colon + 1), kOpenEnd, whole);
  if (end <= begin) fail(whole, token, "is empty");
  return {begin, end};
}

Selection Selection::parse(std::string_view text) {
  Selection selection;
  for (std::string_view rest = text;;) {
    const std::string_view token = rest.substr(0, rest.find(','));
    const Range range = parse_range(token, text);
    if (!selection.ranges_.empty() && range.begin < selection.ranges_.back().end)
      fail(text, token, "does not lie behind what is named before it");
    selection.ranges_.push_back(range);
    if (token.size() == rest.size()) return selection;
    rest.remove_prefix(token.size() + 1);
  }
}

Selection Selection::share(double share, std::uint64_t seed) {
  if (!(share > 0 && share < 1)) throw ConfigError(fmt::format("share {} is not between 0 and 1", share));
  Selection selection;
  selection.share_ = share;
  selection.seed_ = seed;
  return selection;
}

Selection Selection::complement() const {
  Selection others = *this;
  others.inverted_ = !inverted_;
  return others;
}

bool Selection::contains(std::uint64_t number) const {
  bool inside = false;
  if (ranges_.empty()) {
    inside = Random(seed_, number).uniform() < share_;
  } else {
    const auto next = std::ranges::upper_bound(ranges_, number, {}, &Range::begin);
    inside = next != ranges_.begin() && number < std::prev(next)->end;
  }
  return inside != inverted_;
}

std::vector<std::uint64_t> Selection::of(std::uint64_t count) const {
  std::vector<std::uint64_t> found;
  for (std::uint64_t number = 0; number < count; ++number)
    if (contains(number)) found.push_back(number);
  return found;
}

std::uint64_t Selection::needs() const {
  if (ranges_.empty()) return 0;
  return ranges_.back().end == kOpenEnd ? ranges_.back().begin + 1 : ranges_.back().end;
}

}  // namespace xmr
