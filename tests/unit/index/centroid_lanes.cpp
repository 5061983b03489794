#include "xmr/index/centroid_lanes.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "xmr/util/random.hpp"
#include "xmr/util/targets.hpp"

#include "support/catch.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

CentroidLanes plain_products(SparseRow row, std::span<const CentroidLanes> sums) {
  CentroidLanes products{};
  for (std::size_t i = 0; i < row.size(); ++i)
    for (std::size_t lane = 0; lane < kCentroidLanes; ++lane)
      products[lane] += row.values[i] * sums[row.indices[i]][lane];
  return products;
}

struct Best {
  std::vector<float> scores;
  std::vector<std::uint32_t> clusters;

  bool operator==(const Best&) const = default;
};

Best plain_better(CsrView rows, std::size_t begin, std::size_t end, const CentroidGroup& group, Best best) {
  for (std::size_t r = begin; r < end; ++r) {
    const CentroidLanes sums = plain_products(rows.row(r), group.sums);
    for (std::size_t lane = 0; lane < group.count; ++lane) {
      const float score = sums[lane] * group.scales[lane];
      if (!(score > best.scores[r])) continue;
      best.scores[r] = score;
      best.clusters[r] = group.first + static_cast<std::uint32_t>(lane);
    }
  }
  return best;
}

std::vector<CentroidLanes> random_sums(std::size_t columns, Random& random) {
  std::vector<CentroidLanes> sums(columns);
  for (CentroidLanes& column : sums)
    for (float& sum : column)
      sum = random.below(4) == 0 ? 0.0F : static_cast<float>(random.below(2001)) / 1000 - 1;
  return sums;
}

}  // namespace

TEST_CASE("sums and scores of sixteen clusters have the bits of plain loops, on every instruction set") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    const std::size_t columns = 1 + random.below(80), count = 1 + random.below(kCentroidLanes);
    const auto rows = static_cast<std::uint32_t>(1 + random.below(30));
    const CsrMatrix matrix = random_matrix(rows, columns, 0.3, seed);
    std::vector<CentroidLanes> sums = random_sums(columns, random);
    if (seed % 4 == 1)  // scores that are not numbers, and infinite ones
      sums[0].fill(std::numeric_limits<float>::infinity()), sums[0][random.below(16)] = std::nanf("");
    if (seed % 4 == 2)  // ties
      for (CentroidLanes& column : sums)
        for (std::size_t lane = 8; lane < 16; ++lane)
          column[lane] = column[lane - 8];
    CentroidGroup group{sums, {}, 32, count};
    for (float& scale : group.scales)
      scale = seed % 4 == 2 ? 0.5F : static_cast<float>(random.below(1000)) / 500;
    const std::size_t begin = random.below(rows), end = begin + random.below(rows - begin + 1);
    Best before{std::vector<float>(rows, -std::numeric_limits<float>::infinity()), std::vector<std::uint32_t>(rows)};
    for (std::uint32_t r = 0; r < rows; r += 3)
      before.scores[r] = 0.1F;
    const Best expected = plain_better(matrix, begin, end, group, before);
    for (std::int64_t rest = supported_targets(); rest != 0; rest &= rest - 1) {
      set_targets_for_test(rest & -rest);
      INFO(hwy::TargetName(rest & -rest) << ", seed " << seed);
      Best found = before;
      find_better(matrix, begin, end, group, found.scores, found.clusters);
      CHECK(found == expected);
      if (seed % 4 != 1) CHECK(products(matrix.view().row(0), sums) == plain_products(matrix.view().row(0), sums));
      set_targets_for_test(0);
    }
  }
}
