#pragma once
// A label tree as text: `key<TAB>path` for each label, in tree order. The path is the numbers of the nodes above the
// label from the first level down: "3/47/760" (empty if the labels hang below the root). Two labels share a cluster of
// level t if the t-th numbers of their paths agree.

#include <functional>
#include <string_view>

#include "xmr/index/label_tree.hpp"
#include "xmr/io/file.hpp"

namespace xmr {

// Without `key`, writes the label's id. O(L depth). Does not commit `out`.
void write_tree_text(OutputFile& out, const LabelTree& tree, const std::function<std::string_view(LabelId)>& key);

}  // namespace xmr
