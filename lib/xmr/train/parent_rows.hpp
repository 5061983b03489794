#pragma once
// The rows of one parent, made ready for the solver.
//
// compact(): a copy with features renumbered 0.. in increasing order, so that the weights lie close together; features
// that only one row has are taken out (see lane_solver.hpp). 8 bytes an entry, about 24 a row and a feature, plus
// 1.5 bytes for each feature of X that stay from parent to parent. O(entries), and a look at 1/512 of the features.
// in_place(): X itself is used, for parents with so many rows that a copy would be X again.
//
// Thread rule: one thread at a time per object; keep one per thread, memory is used again.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/train/lane_solver.hpp"
#include "xmr/util/huge_pages.hpp"

namespace xmr {

// Where the weights of a feature are after a solve: in a line, or (lone) the dual of the one row that has the feature,
// times its value there.
struct FeaturePlace {
  FeatureId feature;
  std::uint32_t line_or_row;
  float lone_value;  // 0: a line
};

class ParentRows {
 public:
  // `rows` are increasing rows of x. DataError for a row whose values are so large that their squares overflow.
  void compact(CsrView x, std::span<const std::uint32_t> rows);
  void in_place(CsrView x, std::span<const std::uint32_t> rows);

  // Row i is the i-th of those given.
  std::span<const std::uint32_t> ids() const { return ids_; }
  // The problem without children, costs and seed. Valid until the next call and as long as x.
  RankerProblem problem() const;
  // The features that the rows have, increasing. Empty after in_place(): then every feature of x is its own line.
  std::span<const FeaturePlace> places() const { return places_; }
  bool is_in_place() const { return in_place_; }

 private:
  // Eight features: which of them some row has, which of them more than one row has, and how many of either kind came
  // before.
  struct Block {
    std::uint32_t lines_before = 0, lone_before = 0;
    std::uint8_t seen = 0, shared = 0;
  };
  void gather(CsrView x);
  void number_features();
  void renumber_rows();
  ProblemRow renumbered(std::uint32_t row, Offset begin);
  // Calls visit(b) for each block that has features, increasing.
  template <class Visit>
  void for_touched_blocks(const Visit& visit) const;

  // All zero between two calls.
  std::vector<Block> blocks_;
  std::vector<std::uint64_t> touched_;  // a bit a block: whether it has features
  std::vector<std::uint32_t> lone_places_;
  std::span<const std::uint32_t> ids_;
  HugeVector<ProblemRow> rows_;
  std::vector<FeaturePlace> places_;
  HugeVector<std::uint32_t> indices_;
  HugeVector<float> values_;
  std::span<const std::uint32_t> used_indices_;
  std::span<const float> used_values_;
  std::uint32_t lines_ = 0;
  bool in_place_ = false;
};

}  // namespace xmr
