#include "xmr/index/centroid_lanes.hpp"

#include <cmath>
#include <vector>

namespace xmr {

CentroidLanes inverse_lengths(std::span<const CentroidLanes> sums, Parallel& parallel) {
  constexpr std::size_t kBlock = 16384;  // columns of a parallel step
  std::vector<std::array<double, kCentroidLanes>> squares_of_block((sums.size() + kBlock - 1) / kBlock);
  parallel.for_blocks(sums.size(), kBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    std::array<double, kCentroidLanes> squares{};
    for (std::size_t column = begin; column < end; ++column)
      for (std::size_t lane = 0; lane < kCentroidLanes; ++lane)
        squares[lane] += double{sums[column][lane]} * double{sums[column][lane]};
    squares_of_block[begin / kBlock] = squares;
  });
  CentroidLanes lengths{};
  for (std::size_t lane = 0; lane < kCentroidLanes; ++lane) {
    double squares = 0;
    for (const auto& of_block : squares_of_block)
      squares += of_block[lane];
    if (squares > 0) lengths[lane] = static_cast<float>(1 / std::sqrt(squares));
  }
  return lengths;
}

}  // namespace xmr
