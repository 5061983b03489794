#include "xmr/complete/pair_counts.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

TEST_CASE("pairs are counted as a map counts them, in any range of labels") {
  constexpr LabelId kLabels = 20;
  const test::TemporaryDirectory folder;
  Random random(23);
  PairCounter counter;
  std::map<std::string, std::map<LabelId, std::uint32_t>> expected;
  for (int i = 0; i < 500; ++i) {
    const std::string previous(random.below(4), static_cast<char>('a' + random.below(3)));
    const auto next = static_cast<LabelId>(random.below(kLabels));
    counter.add(previous, next);
    ++expected[previous][next];
  }
  NpzWriter out(folder / "pairs.npz");
  counter.table().write(out, "pairs/");
  out.commit({"test", 1});
  const NpzFile file(folder / "pairs.npz");
  const PairCounts pairs = PairCounts::read(file, "pairs/", kLabels);
  CHECK(pairs.nexts("unknown").labels.empty());
  for (const auto& [previous, nexts] : expected) {
    for (LabelId first = 0; first <= kLabels; ++first) {
      const LabelRange range{first, static_cast<LabelId>(first + random.below(kLabels + 1 - first))};
      std::map<LabelId, std::uint32_t> found, wanted;
      const PairCounts::Nexts inside = PairCounts::inside(pairs.nexts(previous), range);
      for (std::size_t i = 0; i < inside.labels.size(); ++i)
        found[inside.labels[i]] = inside.counts[i];
      for (const auto& [label, count] : nexts)
        if (range.contains(label)) wanted[label] = count;
      CHECK(std::ranges::is_sorted(inside.labels));
      CHECK(found == wanted);
    }
  }
}

TEST_CASE("pairs with a label that there is not are refused") {
  const test::TemporaryDirectory folder;
  PairCounter counter;
  counter.add("a", 5);
  NpzWriter out(folder / "pairs.npz");
  counter.table().write(out, "pairs/");
  out.commit({"test", 1});
  const NpzFile file(folder / "pairs.npz");
  CHECK_NOTHROW(PairCounts::read(file, "pairs/", 6));
  CHECK_THROWS_WITH(PairCounts::read(file, "pairs/", 5),
                    Catch::Matchers::EndsWith("member pairs/labels: a label outside 0..4"));
}
