#include "xmr/featurize/log_time.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

LogTime time_of(std::string_view text) {
  const auto parsed = parse_time(text);
  return parsed ? parsed->time : LogTime{-1, 0};
}

}  // namespace

TEST_CASE("times are numbers or dates") {
  CHECK(time_of("-5") == LogTime{-5, 0});
  CHECK(time_of("+5") == LogTime{5, 0});
  CHECK(time_of("1.5") == LogTime{1, 500000000});
  CHECK(time_of("1970-01-02 00:00:01") == LogTime{86401, 0});
  CHECK(time_of("2006-03-01T07:17:12") == LogTime{1141197432, 0});
  for (const char* text : {"",
                           "5s",
                           "1.",
                           ".",
                           "1.5x",
                           "2006-02-30 00:00:00",
                           "2006-03-01 24:00:00",
                           "2006-03-01",
                           "06-03-01 07:17:12",
                           "+2006-03-01 07:17:1",
                           "2006-0x-01 07:17:12",
                           "9223372036854775808",
                           "2006-03-01 07:17:12X",
                           "2006-03-01 07:17:12.",
                           "2006-03-01 07:17:12+2",
                           "-1.5",
                           "2006-03-01 07:17:12+25:00",
                           "01/Mrz/2006:12:00:00",
                           "01/03/2006 12:00:00",
                           "2006/03-01 12:00:00",
                           "1e",
                           "-1e3",
                           "1e30",
                           "2006-03-01 07:17:12+02:0"}) {
    INFO(text);
    CHECK(!parse_time(text));
  }
}

TEST_CASE("dates may have fractions of a second, zones, and no seconds") {
  const LogTime noon{1141214400, 0};
  for (const char* text :
       {"2006-03-01T12:00:00Z", "2006-03-01 12:00:00 UTC", "2006-03-01T12:00Z", "2006-03-01t12:00:00z",
        "2006-03-01T14:00:00+02:00", "2006-03-01T14:00:00+0200", "2006-03-01T14:00:00+02", "2006-03-01T08:30:00-03:30",
        "2006-03-01 12:00:00 +00:00", "2006-03-01T12:00:00.000Z", "2006/03/01 12:00", "20060301T120000Z",
        "20060301T1200", "01/Mar/2006:12:00:00 +0000", "01/Mar/2006:14:00:00 +0200", "1.1412144e+09", "1.1412144e12"}) {
    INFO(text);
    CHECK(time_of(text) == noon);
  }
  CHECK(time_of("2006-03-01T12:00:00.123Z") == LogTime{noon.seconds, 123000000});
  CHECK(time_of("2006-03-01 12:00:00,5") == LogTime{noon.seconds, 500000000});
  CHECK(time_of("2006-03-01T12:00:00.1234567891+00:00") == LogTime{noon.seconds, 123456789});
}

TEST_CASE("the unit of a number is told by its size") {
  CHECK(parse_time("99999999999")->unit == TimeUnit::seconds);
  CHECK(parse_time("1700000000123")->unit == TimeUnit::milliseconds);
  CHECK(time_of("1700000000123") == LogTime{1700000000, 123000000});
  CHECK(time_of("1700000000123.5") == LogTime{1700000000, 123500000});
  CHECK(time_of("1700000000123456") == LogTime{1700000000, 123456000});
  CHECK(time_of("1700000000123456789") == LogTime{1700000000, 123456789});
  CHECK(time_of("-1700000000123") == LogTime{-1700000001, 877000000});
  CHECK(name_of(parse_time("1700000000123456")->unit) == "microseconds");
}

TEST_CASE("a gap is compared to the nanosecond") {
  CHECK_FALSE(is_longer({0, 0}, {1800, 0}, 1800));
  CHECK(is_longer({0, 0}, {1800, 1}, 1800));
  CHECK_FALSE(is_longer({0, 5}, {1800, 5}, 1800));
}
