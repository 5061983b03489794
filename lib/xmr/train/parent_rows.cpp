#include "xmr/train/parent_rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include <fmt/format.h>
#include <hwy/cache_control.h>

#include "xmr/util/error.hpp"

namespace xmr {

namespace {

// The number of bits of a byte. The baseline of x86-64 has no instruction for it; this is in the inner loop.
constexpr std::array<std::uint8_t, 256> kBits = [] {
  std::array<std::uint8_t, 256> bits{};
  for (unsigned i = 0; i < 256; ++i)
    bits[i] = static_cast<std::uint8_t>(std::popcount(i));
  return bits;
}();

constexpr std::uint8_t bit_of(FeatureId feature) {
  return static_cast<std::uint8_t>(1U << (feature & 7U));
}
// The number of bits of `set` below `bit`.
constexpr std::uint32_t rank(unsigned set, unsigned bit) {
  return kBits[set & (bit - 1)];
}

// Rows are anywhere in X, which fits no cache. Their entries are prefetched so many rows ahead.
constexpr std::size_t kFetchRows = 8;

void fetch(SparseRow row) {
  constexpr std::size_t kLine = 64 / sizeof(float), kMaxEntries = 16 * kLine;
  for (std::size_t i = 0; i < std::min(row.size(), kMaxEntries); i += kLine) {
    hwy::Prefetch(row.indices.data() + i);
    hwy::Prefetch(row.values.data() + i);
  }
}

void check_norm(float norm, std::uint32_t row) {
  if (!std::isfinite(norm)) throw RowOverflow{row};
}

}  // namespace

void ParentRows::in_place(CsrView x, std::span<const std::uint32_t> rows) {
  in_place_ = true;
  ids_ = rows;
  places_.clear();
  rows_.clear();
  rows_.reserve(rows.size());
  for (const std::uint32_t id : rows) {
    ProblemRow row{.begin = x.indptr[id], .size = static_cast<std::uint32_t>(x.row(id).size())};
    for (const float value : x.row(id).values)
      row.norm += value * value;
    check_norm(row.norm, id);
    rows_.push_back(row);
  }
  used_indices_ = x.indices;
  used_values_ = x.values;
  lines_ = static_cast<std::uint32_t>(x.cols);
}

void ParentRows::compact(CsrView x, std::span<const std::uint32_t> rows) {
  in_place_ = false;
  ids_ = rows;
  blocks_.resize((x.cols + 7) / 8);
  touched_.resize((blocks_.size() + 63) / 64);
  gather(x);
  number_features();
  renumber_rows();
  used_indices_ = indices_;
  used_values_ = values_;
}

// Copies the rows one after another.
void ParentRows::gather(CsrView x) {
  std::size_t entries = 0;
  for (const std::uint32_t id : ids_)
    entries += x.row(id).size();
  indices_.resize(entries);
  values_.resize(entries);
  rows_.clear();
  rows_.reserve(ids_.size());
  Offset begin = 0;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (i + kFetchRows < ids_.size()) fetch(x.row(ids_[i + kFetchRows]));
    const SparseRow row = x.row(ids_[i]);
    rows_.push_back({.begin = begin, .size = static_cast<std::uint32_t>(row.size())});
    std::ranges::copy(row.indices, indices_.begin() + static_cast<std::ptrdiff_t>(begin));
    std::ranges::copy(row.values, values_.begin() + static_cast<std::ptrdiff_t>(begin));
    begin += row.size();
    for (const FeatureId feature : row.indices) {
      const std::uint32_t b = feature / 8;
      Block& block = blocks_[b];
      const std::uint8_t bit = bit_of(feature);
      block.shared = static_cast<std::uint8_t>(block.shared | (block.seen & bit));
      block.seen = static_cast<std::uint8_t>(block.seen | bit);
      touched_[b / 64] |= std::uint64_t{1} << b % 64;
    }
  }
}

template <class Visit>
void ParentRows::for_touched_blocks(const Visit& visit) const {
  for (std::size_t word = 0; word < touched_.size(); ++word)
    for (std::uint64_t rest = touched_[word]; rest != 0; rest &= rest - 1)
      visit(word * 64 + static_cast<std::size_t>(std::countr_zero(rest)));
}

void ParentRows::number_features() {
  places_.clear();
  lone_places_.clear();
  lines_ = 0;
  for_touched_blocks([&](std::size_t b) {
    Block& block = blocks_[b];
    block.lines_before = lines_;
    block.lone_before = static_cast<std::uint32_t>(lone_places_.size());
    for (unsigned seen = block.seen; seen != 0; seen &= seen - 1) {
      const auto feature = static_cast<FeatureId>(b * 8 + static_cast<unsigned>(std::countr_zero(seen)));
      const bool shared = (block.shared & bit_of(feature)) != 0;
      if (!shared) lone_places_.push_back(static_cast<std::uint32_t>(places_.size()));
      places_.push_back({.feature = feature, .line_or_row = shared ? lines_++ : 0, .lone_value = 0});
    }
  });
}

// Renumbers the features and closes the gaps of removed features.
void ParentRows::renumber_rows() {
  Offset begin = 0;
  for (std::uint32_t row = 0; row < ids_.size(); ++row) {
    rows_[row] = renumbered(row, begin);
    check_norm(rows_[row].norm, ids_[row]);
    begin += rows_[row].size;
  }
  indices_.resize(begin);
  values_.resize(begin);
  for_touched_blocks([&](std::size_t b) { blocks_[b] = {}; });
  std::ranges::fill(touched_, 0U);
}

ProblemRow ParentRows::renumbered(std::uint32_t row, Offset begin) {
  const ProblemRow from = rows_[row];
  ProblemRow to{.begin = begin};
  for (Offset i = from.begin; i < from.begin + from.size; ++i) {
    const FeatureId feature = indices_[i];
    const float value = values_[i];
    const Block& block = blocks_[feature / 8];
    const std::uint8_t bit = bit_of(feature);
    to.norm += value * value;
    if ((block.shared & bit) != 0) {
      indices_[begin + to.size] = block.lines_before + rank(block.shared, bit);
      values_[begin + to.size] = value;
      ++to.size;
    } else {
      to.lone += value * value;
      FeaturePlace& place = places_[lone_places_[block.lone_before + rank(block.seen & ~unsigned{block.shared}, bit)]];
      place.line_or_row = row;
      place.lone_value = value;
    }
  }
  return to;
}

RankerProblem ParentRows::problem() const {
  RankerProblem problem;
  problem.indices = used_indices_;
  problem.values = used_values_;
  problem.rows = rows_;
  problem.features = lines_;
  return problem;
}

}  // namespace xmr
