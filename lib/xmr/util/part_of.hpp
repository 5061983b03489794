#pragma once
// One of several ranges of about equal size: part 2 of 8 of 100 rows are rows 26..38. Thread rule: a value.

#include <algorithm>
#include <cstdint>

namespace xmr {

struct PartOf {
  std::uint32_t part = 0, parts = 1;  // part < parts

  bool is_whole() const { return parts == 1; }
  bool is_last() const { return part + 1 == parts; }
  // The part of `count` items is begin(count)..end(count)-1. If count is no multiple of parts, the first parts have one
  // item more.
  std::uint64_t begin(std::uint64_t count) const { return begin_of(part, count); }
  std::uint64_t end(std::uint64_t count) const { return begin_of(part + std::uint64_t{1}, count); }

 private:
  std::uint64_t begin_of(std::uint64_t number, std::uint64_t count) const {
    return count / parts * number + std::min(number, count % parts);
  }
};

}  // namespace xmr
