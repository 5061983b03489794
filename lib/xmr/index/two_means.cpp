#include "xmr/index/two_means.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace xmr {

namespace {

constexpr std::size_t kScoreBlock = 1024;     // members of a parallel step
constexpr std::size_t kFeatureBlock = 16384;  // features of a parallel step
constexpr std::size_t kMaxSums = 4;           // blocks of members that are summed apart; each needs a dense vector
constexpr std::size_t kLeastSum = 2048;       // minimum members of such a block
constexpr std::size_t kSidesSettled = 1000;   // stop if fewer than one in so many change sides

// Four sums, because a single sum would wait for each addition.
float dot(SparseRow row, const float* direction) {
  float sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= row.size(); i += 4)
    for (std::size_t lane = 0; lane < 4; ++lane)
      sums[lane] += row.values[i + lane] * direction[row.indices[i + lane]];
  for (; i < row.size(); ++i)
    sums[0] += row.values[i] * direction[row.indices[i]];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// Adding +0 turns -0 into +0, so equal scores have equal bits. The bits of negative numbers are inverted.
std::uint32_t sortable(float score) {
  const auto bits = std::bit_cast<std::uint32_t>(score + 0.0F);
  return (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
}

float inverse_root(double square_sum) {
  return square_sum > 0 ? static_cast<float>(1 / std::sqrt(square_sum)) : 0.0F;
}

}  // namespace

void TwoMeans::split(CsrView vectors, std::span<std::uint32_t> members, std::size_t cut, Random random,
                     unsigned rounds) {
  start(vectors, members, random);
  for (unsigned round = 0; round < rounds; ++round) {
    score(vectors, members);
    assign_sides(members, cut);
    if (moved_.size() <= members.size() / kSidesSettled || round + 1 == rounds) break;
    add(vectors, moved_, right_);
    find_direction();
  }
  std::vector<std::uint32_t> right;
  right.reserve(members.size() - cut);
  std::size_t left = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (sides_[i] != 0)
      right.push_back(members[i]);
    else
      members[left++] = members[i];
  }
  std::ranges::copy(right, members.begin() + static_cast<std::ptrdiff_t>(left));
}

std::vector<std::vector<std::uint32_t>> TwoMeans::halve(CsrView vectors, std::vector<std::uint32_t> members,
                                                        std::size_t most, std::uint64_t seed, std::uint64_t stream,
                                                        unsigned rounds) {
  std::vector<std::vector<std::uint32_t>> parts, open{std::move(members)};
  while (!open.empty()) {
    std::vector<std::uint32_t> part = std::move(open.back());
    open.pop_back();
    if (part.size() <= most) {
      parts.push_back(std::move(part));
      continue;
    }
    std::ranges::sort(part);
    const std::size_t cut = part.size() / 2;
    split(vectors, part, cut, Random(seed, stream << 32 | part.front()), rounds);
    const auto middle = part.begin() + static_cast<std::ptrdiff_t>(cut);
    open.emplace_back(middle, part.end());
    open.emplace_back(part.begin(), middle);
  }
  return parts;
}

void TwoMeans::start(CsrView vectors, std::span<const std::uint32_t> members, Random random) {
  total_.assign(vectors.cols, 0.0F);
  right_.assign(vectors.cols, 0.0F);
  direction_.assign(vectors.cols, 0.0F);
  sides_.assign(members.size(), 0);
  scores_.resize(members.size());
  keys_.resize(members.size());
  moved_.clear();
  for (const std::uint32_t member : members)
    moved_.push_back({member, 1.0F});
  add(vectors, moved_, total_);

  const std::size_t right = random.below(members.size());
  const std::size_t left = (right + 1 + random.below(members.size() - 1)) % members.size();
  add(vectors, std::vector<Move>{{members[right], 1.0F}, {members[left], -1.0F}}, direction_);
}

void TwoMeans::score(CsrView vectors, std::span<const std::uint32_t> members) {
  parallel_.for_blocks(members.size(), kScoreBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t i = begin; i < end; ++i)
      scores_[i] = dot(vectors.row(members[i]), direction_.data());
  });
}

void TwoMeans::assign_sides(std::span<const std::uint32_t> members, std::size_t cut) {
  const auto key = [&](std::size_t i) { return std::uint64_t{sortable(scores_[i])} << 32 | i; };
  for (std::size_t i = 0; i < keys_.size(); ++i)
    keys_[i] = key(i);
  const auto pivot = keys_.begin() + static_cast<std::ptrdiff_t>(cut);
  std::nth_element(keys_.begin(), pivot, keys_.end());
  moved_.clear();
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    const std::uint8_t side = key(i) >= *pivot ? 1 : 0;
    if (side != sides_[i]) moved_.push_back({members[i], side != 0 ? 1.0F : -1.0F});
    sides_[i] = side;
  }
}

void TwoMeans::add(CsrView vectors, std::span<const Move> moves, std::vector<float>& target) {
  const auto add_block = [&](std::size_t begin, std::size_t end, std::vector<float>& sums) {
    for (std::size_t i = begin; i < end; ++i) {
      const SparseRow row = vectors.row(moves[i].member);
      for (std::size_t j = 0; j < row.size(); ++j)
        sums[row.indices[j]] += moves[i].sign * row.values[j];
    }
  };
  const std::size_t block = std::max(kLeastSum, (moves.size() + kMaxSums - 1) / kMaxSums);
  const std::size_t blocks = (moves.size() + block - 1) / block;
  if (blocks <= 1) return add_block(0, moves.size(), target);

  block_sums_.resize(kMaxSums);
  parallel_.for_blocks(moves.size(), block, [&](std::size_t begin, std::size_t end, unsigned) {
    auto& sums = block_sums_[begin / block];
    sums.assign(vectors.cols, 0.0F);
    add_block(begin, end, sums);
  });
  parallel_.for_blocks(vectors.cols, kFeatureBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t b = 0; b < blocks; ++b)
      for (std::size_t f = begin; f < end; ++f)
        target[f] += block_sums_[b][f];
  });
}

void TwoMeans::find_direction() {
  const std::size_t features = direction_.size();
  square_sums_.assign((features + kFeatureBlock - 1) / kFeatureBlock * 2, 0.0);
  parallel_.for_blocks(features, kFeatureBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    double left_squares = 0, right_squares = 0;
    for (std::size_t f = begin; f < end; ++f) {
      const double right = right_[f], left = double{total_[f]} - right;
      left_squares += left * left;
      right_squares += right * right;
    }
    square_sums_[begin / kFeatureBlock * 2] = left_squares;
    square_sums_[begin / kFeatureBlock * 2 + 1] = right_squares;
  });
  double left_squares = 0, right_squares = 0;
  for (std::size_t i = 0; i < square_sums_.size(); i += 2) {
    left_squares += square_sums_[i];
    right_squares += square_sums_[i + 1];
  }
  const float left_scale = inverse_root(left_squares), right_scale = inverse_root(right_squares);
  parallel_.for_blocks(features, kFeatureBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t f = begin; f < end; ++f)
      direction_[f] = right_[f] * right_scale - (total_[f] - right_[f]) * left_scale;
  });
}

}  // namespace xmr
