#include "xmr/complete/recent.hpp"

#include <cmath>
#include <vector>

#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::uint64_t kLabels = 40;

struct Occurrence {
  LabelId label;
  std::int64_t time;
};

std::vector<Occurrence> random_occurrences(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  std::vector<Occurrence> all(count);
  for (Occurrence& one : all)
    one = {static_cast<LabelId>(random.below(kLabels)), static_cast<std::int64_t>(random.below(60 * kDay)) - kDay};
  return all;
}

// Returns the fading count of one label.
double counted(const std::vector<Occurrence>& all, LabelId label, double half_life, std::int64_t latest) {
  double sum = 0;
  for (const Occurrence& one : all)
    if (one.label == label) sum += std::pow(0.5, static_cast<double>(latest - one.time) / half_life);
  return sum;
}

RecentCounter counter_of(const std::vector<Occurrence>& all) {
  RecentCounter counter;
  for (const Occurrence& one : all)
    counter.add(one.label, one.time);
  return counter;
}

}  // namespace

TEST_CASE("fading counts are those of summing powers of one half, also from the file and in two logs") {
  const test::TemporaryDirectory folder;
  const std::vector<Occurrence> all = random_occurrences(1, 3000);
  const RecentCounter counter = counter_of(all);
  for (const std::int64_t half_life : {3600L, 7 * kDay, 90 * kDay}) {
    const RecentTable table = counter.table(kLabels, half_life);
    const NpzFile file = [&] {
      NpzWriter out(folder / "recent.npz");
      table.write(out, "r/");
      out.commit({"test", 1});
      return NpzFile(folder / "recent.npz");
    }();
    const Recent recent = Recent::find(file, "r/", kLabels);
    CHECK(recent.half_life() == half_life);
    double total = 0;
    for (LabelId label = 0; label < kLabels; ++label) {
      CAPTURE(half_life, label);
      const double expected = counted(all, label, static_cast<double>(half_life), counter.latest());
      CHECK(std::fabs(recent.count(label) - expected) < 1.0 / Recent::kUnit);
      CHECK(table.view().count(label) == recent.count(label));
      total += recent.count(label);
    }
    CHECK(std::fabs(recent.total({0, kLabels}) - total) < 1e-6);

    // Label l is l + 1 in the second log, and the last one is left out.
    std::vector<LabelId> number_of(kLabels);
    for (LabelId label = 0; label < kLabels; ++label)
      number_of[label] = label + 1 < kLabels ? label + 1 : 0xffffffffU;
    std::vector<Occurrence> second = random_occurrences(2, 100);
    for (Occurrence& one : second)
      one.time += 30 * kDay;
    RecentCounter later(recent, number_of, kLabels);
    for (const Occurrence& one : second)
      later.add(one.label, one.time);
    CHECK(later.half_life(kLabels, {}) == half_life);
    const RecentTable both = later.table(kLabels, half_life);
    CHECK(both.view().latest() == later.latest());
    for (LabelId label = 1; label < kLabels; ++label) {
      CAPTURE(half_life, label);
      const double expected = counted(all, label - 1, static_cast<double>(half_life), later.latest()) +
                              counted(second, label, static_cast<double>(half_life), later.latest());
      CHECK(std::fabs(both.view().count(label) - expected) < 2.0 / Recent::kUnit);
    }
  }
  CHECK(Recent().empty());
  CHECK(Recent().count(3) == 0);
  CHECK(Recent().total({0, 5}) == 0);
}

TEST_CASE("a half-life is found for queries that come and go, and none for queries that do not") {
  Random random(3);
  // In days 0 to 49, label d / 5 makes half of the occurrences of day d.
  std::vector<Occurrence> coming, steady;
  for (std::int64_t day = 0; day < 50; ++day) {
    for (int i = 0; i < 100; ++i) {
      const auto any = static_cast<LabelId>(random.below(kLabels));
      const std::int64_t time = day * kDay + static_cast<std::int64_t>(random.below(kDay));
      steady.push_back({any, time});
      coming.push_back({i % 2 == 0 ? static_cast<LabelId>(day / 5) : any, time});
    }
  }
  std::vector<LabelId> later, any;
  for (int i = 0; i < 1000; ++i) {
    any.push_back(static_cast<LabelId>(random.below(kLabels)));
    later.push_back(i % 2 == 0 ? 9 : any.back());
  }
  const auto found = counter_of(coming).half_life(kLabels, later);
  REQUIRE(found.has_value());
  CHECK(*found >= kDay / 4);
  CHECK(*found <= 7 * kDay);
  CHECK_FALSE(counter_of(steady).half_life(kLabels, any).has_value());
  CHECK_FALSE(counter_of(coming).half_life(kLabels, {}).has_value());
  CHECK_FALSE(RecentCounter().half_life(kLabels, later).has_value());
}

TEST_CASE("fading counts with a half-life of 0 or without a time are refused") {
  const test::TemporaryDirectory folder;
  const auto write = [&](const std::vector<std::int64_t>& times) {
    NpzWriter out(folder / "recent.npz");
    PopularTable(std::vector<std::uint32_t>(kLabels, 1)).write(out, "r/");
    out.add("r/times", times);
    out.commit({"test", 1});
    return NpzFile(folder / "recent.npz");
  };
  CHECK_NOTHROW(Recent::find(write({1, -5}), "r/", kLabels));
  CHECK_THROWS_AS(Recent::find(write({0, 5}), "r/", kLabels), FormatError);
  CHECK_THROWS_AS(Recent::find(write({-1, 5}), "r/", kLabels), FormatError);
  CHECK_THROWS_AS(Recent::find(write({1}), "r/", kLabels), FormatError);
  CHECK_THROWS_AS(Recent::find(write({1, 5}), "r/", kLabels + 1), FormatError);
}
