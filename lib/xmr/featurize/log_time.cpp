#include "xmr/featurize/log_time.hpp"

#include <array>
#include <charconv>
#include <chrono>

#include "xmr/util/plus_sign.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kFirstMilliseconds = 100'000'000'000U;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes `count` digits off the text.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = 10 * value + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// The digits behind a point, as nanoseconds; more than nine are cut off. Nothing if there is no digit.
std::optional<std::uint32_t> take_fraction(std::string_view& text) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::uint32_t nanoseconds = 0, unit = 100'000'000;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), unit /= 10)
    nanoseconds += unit * static_cast<std::uint32_t>(text.front() - '0');
  return nanoseconds;
}

// Seconds that a zone is ahead of UTC; 0 for none.
std::optional<int> parse_zone(std::string_view text) {
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text.empty() || text == "Z" || text == "z" || text == "UTC") return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take(text, "+-")) return std::nullopt;
  const std::optional<int> hours = take_digits(text, 2);
  if (!hours) return std::nullopt;
  take(text, ":");
  const std::optional<int> minutes = text.empty() ? std::optional(0) : take_digits(text, 2);
  if (!minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

std::optional<LogTime> parse_date(std::string_view text) {
  const std::optional<int> year = take_digits(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const std::optional<int> month = take_digits(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const std::optional<int> day = take_digits(text, 2);
  if (!day || !take(text, " Tt")) return std::nullopt;
  const std::optional<int> hour = take_digits(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const std::optional<int> minute = take_digits(text, 2);
  if (!minute) return std::nullopt;
  int second = 0;
  LogTime time;
  if (take(text, ":")) {
    const std::optional<int> given = take_digits(text, 2);
    if (!given) return std::nullopt;
    second = *given;
    if (take(text, ".,")) {
      const std::optional<std::uint32_t> fraction = take_fraction(text);
      if (!fraction) return std::nullopt;
      time.nanoseconds = *fraction;
    }
  }
  const std::optional<int> zone = parse_zone(text);
  if (!zone || *hour > 23 || *minute > 59 || second > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  time.seconds = ((days * 24 + *hour) * 60 + *minute) * 60 + second - *zone;
  return time;
}

// `parts` of a second, rounded down.
LogTime from_parts(std::int64_t value, std::int64_t parts) {
  std::int64_t seconds = value / parts, rest = value % parts;
  if (rest < 0) {
    --seconds;
    rest += parts;
  }
  return {seconds, static_cast<std::uint32_t>(rest * (1'000'000'000 / parts))};
}

std::optional<ParsedTime> parse_number(std::string_view text) {
  text = without_plus(text);
  std::int64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (text.empty() || error != std::errc{} || end == text.data()) return std::nullopt;
  std::string_view rest(end, static_cast<std::size_t>(last - end));
  const std::uint64_t size = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  if (rest.empty()) {
    if (size < kFirstMilliseconds) return ParsedTime{{value, 0}};
    if (size < kFirstMilliseconds * 1000) return ParsedTime{from_parts(value, 1000), TimeUnit::milliseconds};
    if (size < kFirstMilliseconds * 1000000) return ParsedTime{from_parts(value, 1000000), TimeUnit::microseconds};
    return ParsedTime{from_parts(value, 1000000000), TimeUnit::nanoseconds};
  }
  if (text.front() == '-' || !take(rest, ".")) return std::nullopt;
  const std::optional<std::uint32_t> fraction = take_fraction(rest);
  if (!fraction || !rest.empty()) return std::nullopt;
  if (size < kFirstMilliseconds) return ParsedTime{{value, *fraction}};
  if (size >= kFirstMilliseconds * 1000) return std::nullopt;
  LogTime time = from_parts(value, 1000);
  time.nanoseconds += *fraction / 1000;
  return ParsedTime{time, TimeUnit::milliseconds};
}

}  // namespace

std::string_view name_of(TimeUnit unit) {
  constexpr std::array<std::string_view, 4> names = {"seconds", "milliseconds", "microseconds", "nanoseconds"};
  return names[static_cast<std::size_t>(unit)];
}

std::optional<ParsedTime> parse_time(std::string_view text) {
  if (const auto number = parse_number(text)) return number;
  if (const auto date = parse_date(text)) return ParsedTime{*date};
  return std::nullopt;
}

bool is_longer(LogTime first, LogTime second, std::uint64_t gap) {
  const std::uint64_t seconds = static_cast<std::uint64_t>(second.seconds) - static_cast<std::uint64_t>(first.seconds);
  return seconds > gap || (seconds == gap && second.nanoseconds > first.nanoseconds);
}

}  // namespace xmr
