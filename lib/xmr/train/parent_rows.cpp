#include "xmr/train/parent_rows.hpp"

#include <array>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

namespace {

// Bits of a byte: the baseline of x86-64 has no instruction for it, and this stands in the inner loop.
constexpr std::array<std::uint8_t, 256> kBits = [] {
  std::array<std::uint8_t, 256> bits{};
  for (unsigned i = 0; i < 256; ++i)
    bits[i] = static_cast<std::uint8_t>(std::popcount(i));
  return bits;
}();

constexpr std::uint8_t bit_of(FeatureId feature) {
  return static_cast<std::uint8_t>(1U << (feature & 7U));
}
// How many of `set` come before `bit`.
constexpr std::uint32_t rank(unsigned set, unsigned bit) {
  return kBits[set & (bit - 1)];
}

void check_norm(float norm, std::uint32_t row) {
  if (!std::isfinite(norm))
    throw DataError("features", fmt::format("row {}: the squares of its values overflow", row), "normalise the rows");
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
  mark(x);
  number_features();
  copy_rows(x);
  used_indices_ = indices_;
  used_values_ = values_;
}

void ParentRows::mark(CsrView x) {
  std::size_t entries = 0;
  for (const std::uint32_t id : ids_) {
    const SparseRow row = x.row(id);
    entries += row.size();
    for (const FeatureId feature : row.indices) {
      Block& block = blocks_[feature / 8];
      const std::uint8_t bit = bit_of(feature);
      block.shared = static_cast<std::uint8_t>(block.shared | (block.seen & bit));
      block.seen = static_cast<std::uint8_t>(block.seen | bit);
    }
  }
  indices_.resize(entries);
  values_.resize(entries);
}

void ParentRows::number_features() {
  places_.clear();
  lone_places_.clear();
  lines_ = 0;
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    Block& block = blocks_[b];
    block.lines_before = lines_;
    block.lone_before = static_cast<std::uint32_t>(lone_places_.size());
    for (unsigned seen = block.seen; seen != 0; seen &= seen - 1) {
      const auto feature = static_cast<FeatureId>(b * 8 + static_cast<unsigned>(std::countr_zero(seen)));
      const bool shared = (block.shared & bit_of(feature)) != 0;
      if (!shared) lone_places_.push_back(static_cast<std::uint32_t>(places_.size()));
      places_.push_back({.feature = feature, .line_or_row = shared ? lines_++ : 0, .lone_value = 0});
    }
  }
}

void ParentRows::copy_rows(CsrView x) {
  rows_.clear();
  rows_.reserve(ids_.size());
  Offset begin = 0;
  for (std::uint32_t row = 0; row < ids_.size(); ++row) {
    rows_.push_back(copy_row(row, x.row(ids_[row]), begin));
    check_norm(rows_.back().norm, ids_[row]);
    begin += rows_.back().size;
  }
  indices_.resize(begin);
  values_.resize(begin);
  blocks_.assign(blocks_.size(), {});
}

ProblemRow ParentRows::copy_row(std::uint32_t row, SparseRow from, Offset begin) {
  ProblemRow to{.begin = begin};
  for (std::size_t i = 0; i < from.size(); ++i) {
    const float value = from.values[i];
    const Block& block = blocks_[from.indices[i] / 8];
    const std::uint8_t bit = bit_of(from.indices[i]);
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
