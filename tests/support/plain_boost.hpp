#pragma once
// A plain learner of decision trees, for comparison with boost/: every leaf's sums are taken anew from all candidates.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/boost/column_bins.hpp"
#include "xmr/boost/tree_grower.hpp"

namespace xmr::test {

GrownDecisionTree plain_tree(const ColumnBins& bins, const TreeLimits& limits, double unit,
                             std::span<const Slopes> slopes);

// The leaf of a candidate, found from the root by its numbers.
std::size_t plain_leaf(const GrownDecisionTree& tree, const ColumnBins& bins, std::span<const float> row);

}  // namespace xmr::test
