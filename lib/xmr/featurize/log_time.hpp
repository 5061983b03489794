#pragma once
// The time of a line of a log.
//
//   1700000000, 1700000000.25     seconds since 1970, UTC
//   1700000000250 (13 digits)     milliseconds; with 16 digits microseconds, with 19 nanoseconds
//   1.7e+09                       the same, as pandas and spreadsheets shorten it
//   2026-01-02 03:04:05           UTC; with T or a blank between, with a fraction of a second (".25" or ",25"), without
//                                 seconds, with a zone: Z, +02, +0200, +02:00; 2026/01/02; 20260102T030405
//   02/Jan/2026:03:04:05 +0000    as web servers write it
//
// A whole number is taken for milliseconds from 10^11 on (in seconds the year 5138), for microseconds from 10^14 on,
// for nanoseconds from 10^17 on. Thread rule: pure functions.

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace xmr {

enum class TimeUnit : std::uint8_t { seconds, milliseconds, microseconds, nanoseconds };
std::string_view name_of(TimeUnit unit);

struct LogTime {
  std::int64_t seconds = 0;       // since 1970, rounded down
  std::uint32_t nanoseconds = 0;  // 0..999999999

  auto operator<=>(const LogTime&) const = default;
};

struct ParsedTime {
  LogTime time;
  TimeUnit unit = TimeUnit::seconds;  // taken for it by its size
};

// Returns nullopt if the text is no time.
std::optional<ParsedTime> parse_time(std::string_view text);

// True if more than `gap` seconds lie between two times, the first not after the second.
bool is_longer(LogTime first, LogTime second, std::uint64_t gap);

}  // namespace xmr
