#include "xmr/complete/popular.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

NpzFile written(const std::vector<std::uint32_t>& counts, const test::TemporaryDirectory& folder) {
  NpzWriter out(folder / "popular.npz");
  PopularTable(counts).write(out, "p/");
  out.commit({"test", 1});
  return NpzFile(folder / "popular.npz");
}

std::vector<LabelId> sorted_top(const std::vector<std::uint32_t>& counts, LabelRange range, std::size_t k) {
  std::vector<LabelId> labels(range.size());
  std::iota(labels.begin(), labels.end(), range.first);
  std::ranges::stable_sort(labels, [&](LabelId a, LabelId b) { return counts[a] > counts[b]; });
  labels.resize(std::min(k, labels.size()));
  return labels;
}

}  // namespace

TEST_CASE("the most popular labels of a range are those that sorting gives") {
  const test::TemporaryDirectory folder;
  Random random(22);
  for (const std::size_t size : {1U, 2U, 15U, 16U, 17U, 255U, 256U, 257U, 300U, 5000U}) {
    std::vector<std::uint32_t> counts(size);
    for (std::uint32_t& count : counts)
      count = static_cast<std::uint32_t>(random.below(size < 100 ? 4 : 1000));
    const NpzFile file = written(counts, folder);
    const Popular popular = Popular::read(file, "p/", size);
    const PopularTable made(counts);
    std::vector<Popular::Interval> scratch;
    for (int round = 0; round < 200; ++round) {
      const auto first = static_cast<LabelId>(random.below(size));
      const auto last = static_cast<LabelId>(first + random.below(size - first + 1));
      const std::size_t k = random.below(30);
      CAPTURE(size, first, last, k);
      std::vector<LabelId> best;
      popular.top({first, last}, k, scratch, best);
      CHECK(best == sorted_top(counts, {first, last}, k));
      best.clear();
      made.view().top({first, last}, k, scratch, best);
      CHECK(best == sorted_top(counts, {first, last}, k));
      CHECK(popular.total({first, last}) ==
            std::accumulate(counts.begin() + first, counts.begin() + last, std::uint64_t{0}));
    }
  }
}

TEST_CASE("popular labels of another number of labels are refused") {
  const test::TemporaryDirectory folder;
  const NpzFile file = written({1, 2, 3}, folder);
  CHECK_THROWS_WITH(Popular::read(file, "p/", 4), Catch::Matchers::EndsWith("member p/counts does not fit 4 labels"));
}

TEST_CASE("a largest count that stands elsewhere is refused") {
  const test::TemporaryDirectory folder;
  NpzWriter out(folder / "popular.npz");
  out.add("p/counts", std::vector<std::uint32_t>{1, 2});
  out.add("p/sums", std::vector<std::uint64_t>{0, 1, 3});
  out.add("p/largest0", std::vector<LabelId>{7});
  out.commit({"test", 1});
  const NpzFile file(folder / "popular.npz");
  CHECK_THROWS_AS(Popular::read(file, "p/", 2), FormatError);
}
