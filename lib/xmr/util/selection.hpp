#pragma once
// A selection of rows or columns: ranges of numbers or a random share. Applied to X, Y and a corpus, it selects the
// same instances.
//
//   Selection::parse("0:100,205,300:")      0 to 99, 205, and all from 300 on
//   Selection::share(0.9, seed)             each number with probability 0.9, independently
//
// A random share depends on seed and number only, so appended rows do not change the selection of others. Of n rows it
// takes n·share, with a standard deviation of sqrt(n·share·(1-share)). Thread rule: const methods from any thread.

#include <cstdint>
#include <string_view>
#include <vector>

namespace xmr {

class Selection {
 public:
  // Parses increasing numbers "5" and ranges "first:end" (end excluded, either may be absent), separated by commas.
  // Throws ConfigError for other text.
  static Selection parse(std::string_view text);
  // If not 0 < share < 1, throws ConfigError.
  static Selection share(double share, std::uint64_t seed);
  // Returns the numbers outside this selection.
  Selection complement() const;

  bool contains(std::uint64_t number) const;
  // Returns the selected numbers of 0..count-1 in increasing order. O(count).
  std::vector<std::uint64_t> of(std::uint64_t count) const;
  // Returns the largest named number plus 1, or 0 without one.
  std::uint64_t needs() const;

 private:
  struct Range {
    std::uint64_t begin, end;
  };
  static Range parse_range(std::string_view token, std::string_view whole);

  std::vector<Range> ranges_;  // increasing, not empty, not overlapping
  double share_ = 0;           // used if ranges_ is empty
  std::uint64_t seed_ = 0;
  bool inverted_ = false;
};

}  // namespace xmr
