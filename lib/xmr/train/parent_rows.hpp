#pragma once
// The rows of one parent, prepared for the solver.
//
// compact() copies the rows and renumbers their features 0.. in increasing order, so their weights are close together.
// Features that only one row has are removed (lane_solver.hpp). Memory: 8 bytes an entry, about 24 a row and a feature,
// and 1.5 bytes for each feature of X, kept from parent to parent. Cost: O(entries + features / 512).
// in_place() uses X itself, for parents whose copy would be as large as X.
//
// Thread rule: one thread at a time per object. Keep one object per thread; it reuses its memory.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/train/lane_solver.hpp"
#include "xmr/util/huge_pages.hpp"

namespace xmr {

// The place of the weights of a feature after a solve: a line, or, if only one row has the feature, the dual of that
// row times its value.
struct FeaturePlace {
  FeatureId feature;
  std::uint32_t line_or_row;
  float lone_value;  // 0: a line
};

// A row whose values are so large that their squares overflow: who knows the name of x makes an error of it.
struct RowOverflow {
  Row row;
};

class ParentRows {
 public:
  // `rows` are increasing rows of x. Throws RowOverflow.
  void compact(CsrView x, std::span<const std::uint32_t> rows);
  void in_place(CsrView x, std::span<const std::uint32_t> rows);

  // The given rows.
  std::span<const std::uint32_t> ids() const { return ids_; }
  // Returns the problem without children, costs and seed. Valid until the next call and as long as x.
  RankerProblem problem() const;
  // The features of the rows, increasing. Empty after in_place(): feature f of x is line f.
  std::span<const FeaturePlace> places() const { return places_; }
  bool is_in_place() const { return in_place_; }

 private:
  // Eight features. A bit of `seen`: some row has the feature; of `shared`: more than one row. The numbers of lines and
  // of lone features in the blocks before.
  struct Block {
    std::uint32_t lines_before = 0, lone_before = 0;
    std::uint8_t seen = 0, shared = 0;
  };
  void gather(CsrView x);
  void number_features();
  void renumber_rows();
  ProblemRow renumbered(std::uint32_t row, Offset begin);
  // Calls visit(b) for each block with features, increasing.
  template <class Visit>
  void for_touched_blocks(const Visit& visit) const;

  // All 0 between two calls.
  std::vector<Block> blocks_;
  std::vector<std::uint64_t> touched_;  // a bit a block: 1 if it has features
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
