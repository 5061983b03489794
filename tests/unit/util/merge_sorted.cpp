#include "xmr/util/merge_sorted.hpp"

#include <cstddef>
#include <map>
#include <vector>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

struct Cursor {
  const std::vector<int>* items;
  std::size_t passed = 0;

  bool next() { return ++passed <= items->size(); }
  int item() const { return (*items)[passed - 1]; }
  friend bool operator<(const Cursor& a, const Cursor& b) { return a.item() < b.item(); }
};

}  // namespace

TEST_CASE("sorted sequences are gone through in the order of all, equal items of several at once") {
  Random random(3);
  for (const std::size_t sequences : {0, 1, 2, 3, 9}) {
    std::vector<std::vector<int>> items(sequences);
    std::map<int, std::size_t> expected;  // in how many sequences each is
    for (std::vector<int>& sequence : items)
      for (int i = 0; i < 60; ++i)
        if (random.below(3) == 0) {
          sequence.push_back(i);
          ++expected[i];
        }
    std::vector<Cursor> cursors;
    for (const std::vector<int>& sequence : items)
      cursors.push_back({&sequence});
    std::vector<std::pair<int, std::size_t>> met;
    merge_sorted<Cursor>(cursors, [&](std::span<Cursor* const> same) {
      for (const Cursor* cursor : same)
        REQUIRE(cursor->item() == same.front()->item());
      met.emplace_back(same.front()->item(), same.size());
    });
    CHECK(met == std::vector<std::pair<int, std::size_t>>(expected.begin(), expected.end()));
  }
}
