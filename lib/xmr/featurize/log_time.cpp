#include "xmr/featurize/log_time.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <string>

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

struct Date {
  int year = 0, month = 0, day = 0;
  bool has_separators = true;  // of the date, and so of the time
};

// Takes 2026-01-02, 2026/01/02 or 20260102 off the text, or 02/Jan/2026 of web servers.
std::optional<Date> take_date(std::string_view& text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() > 6 && text[2] == '/' && !is_digit(text[3])) {
    const std::optional<int> day = take_digits(text, 2);
    const std::size_t month = kMonths.find(text.substr(1, 3));
    text.remove_prefix(4);
    if (!day || month % 3 != 0 || !take(text, "/")) return std::nullopt;
    const std::optional<int> year = take_digits(text, 4);
    return year ? std::optional(Date{*year, static_cast<int>(month / 3 + 1), *day}) : std::nullopt;
  }
  const std::optional<int> year = take_digits(text, 4);
  const std::string_view separator = text.substr(0, 1);
  const bool has_separators = separator == "-" || separator == "/";
  if (!year || (has_separators && !take(text, separator))) return std::nullopt;
  const std::optional<int> month = take_digits(text, 2);
  if (!month || (has_separators && !take(text, separator))) return std::nullopt;
  const std::optional<int> day = take_digits(text, 2);
  return day ? std::optional(Date{*year, *month, *day, has_separators}) : std::nullopt;
}

// Seconds of the day, with a fraction in `nanoseconds`.
std::optional<int> take_clock(std::string_view& text, bool has_separators, std::uint32_t& nanoseconds) {
  const std::optional<int> hour = take_digits(text, 2);
  if (!hour || (has_separators && !take(text, ":"))) return std::nullopt;
  const std::optional<int> minute = take_digits(text, 2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  const int without_seconds = (*hour * 60 + *minute) * 60;
  if (has_separators ? !take(text, ":") : text.empty() || !is_digit(text.front())) return without_seconds;
  const std::optional<int> second = take_digits(text, 2);
  if (!second || *second > 60) return std::nullopt;
  if (take(text, ".,")) {
    const std::optional<std::uint32_t> fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    nanoseconds = *fraction;
  }
  return without_seconds + *second;
}

std::optional<LogTime> parse_date(std::string_view text) {
  const std::optional<Date> given = take_date(text);
  if (!given) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(given->year),
                                         std::chrono::month(static_cast<unsigned>(given->month)),
                                         std::chrono::day(static_cast<unsigned>(given->day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  LogTime time{days * 86400};
  if (!take(text, " Tt:")) return std::nullopt;
  const std::optional<int> clock = take_clock(text, given->has_separators, time.nanoseconds);
  const std::optional<int> zone = clock ? parse_zone(text) : std::nullopt;
  if (!zone) return std::nullopt;
  time.seconds += *clock - *zone;
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

std::optional<ParsedTime> parse_number(std::string_view text);

// A number as pandas and spreadsheets shorten it: 1.767348e+09.
std::optional<ParsedTime> parse_power(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value < 9e18)) return std::nullopt;
  const auto whole = static_cast<std::uint64_t>(value);
  if (whole >= kFirstMilliseconds) return parse_number(std::to_string(whole));
  const double fraction = value - static_cast<double>(whole);
  return ParsedTime{{static_cast<std::int64_t>(whole), static_cast<std::uint32_t>(fraction * 1e9)}};
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
  if (text.find_first_of("eE") != std::string_view::npos) return parse_power(text);
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
