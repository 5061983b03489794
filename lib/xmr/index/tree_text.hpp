#pragma once
// A label tree as text: a line a label, `key<TAB>path`, labels in tree order. The path names the nodes above the label,
// from the first level down, by their numbers: "3/47/760" (empty if the labels hang on the root). Numbers are of a
// level: two labels share a cluster of level t if their paths agree in the t-th place.

#include <functional>
#include <string_view>

#include "xmr/index/label_tree.hpp"
#include "xmr/io/file.hpp"

namespace xmr {

// `key`: absent, the label's id as text. O(L depth). Does not commit `out`.
void write_tree_text(OutputFile& out, const LabelTree& tree, const std::function<std::string_view(LabelId)>& key);

}  // namespace xmr
