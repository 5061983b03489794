#pragma once
// Which rows or columns are meant: ranges of numbers, or a random share. The same selection applied to X, Y and a
// corpus picks the same instances, whatever their form.
//
//   Selection::parse("0:100,205,300:")      0 to 99, 205, and all from 300 on
//   Selection::share(0.9, seed)             every one with probability 0.9, for itself
//
// A random share looks at seed and number only: it needs no count, and rows that are appended to a file leave the
// choice among the others unchanged. Of n rows it takes n·share, give or take a few times sqrt(n·share·(1-share)).
// Thread rule: const methods from any thread.

#include <cstdint>
#include <string_view>
#include <vector>

namespace xmr {

class Selection {
 public:
  // Increasing numbers "5" and ranges "first:end" (end not included, either may be absent) by commas. ConfigError for
  // anything else.
  static Selection parse(std::string_view text);
  // ConfigError unless 0 < share < 1.
  static Selection share(double share, std::uint64_t seed);
  // All that this one does not contain.
  Selection complement() const;

  bool contains(std::uint64_t number) const;
  // Those of 0..count-1 that are contained, increasing. O(count).
  std::vector<std::uint64_t> of(std::uint64_t count) const;
  // The largest number that is named, plus 1; 0 if none is.
  std::uint64_t needs() const;

 private:
  struct Range {
    std::uint64_t begin, end;
  };
  static Range parse_range(std::string_view token, std::string_view whole);

  std::vector<Range> ranges_;  // increasing, not empty, not overlapping
  double share_ = 0;           // used if there are no ranges
  std::uint64_t seed_ = 0;
  bool inverted_ = false;
};

}  // namespace xmr
