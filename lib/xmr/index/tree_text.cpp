#include "xmr/index/tree_text.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>

namespace xmr {

void write_tree_text(OutputFile& out, const LabelTree& tree, const std::function<std::string_view(LabelId)>& key) {
  const std::size_t last = tree.depth() - 1;
  std::vector<NodeId> path(last);  // nodes above the label
  for (NodeId leaf = 0; leaf < tree.nodes(last); ++leaf) {
    NodeId child = leaf;
    for (std::size_t level = last; level > 0; --level) {
      NodeId& parent = path[level - 1];
      while (tree.offsets(level)[parent + 1] <= child)
        ++parent;
      child = parent;
    }
    const LabelId label = tree.labels()[leaf];
    const std::string id = fmt::format("{}", label);
    out.write(fmt::format("{}\t{}\n", key ? key(label) : id, fmt::join(path, "/")));
  }
}

}  // namespace xmr
