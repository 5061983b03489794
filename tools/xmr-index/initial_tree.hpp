#pragma once
// The tree of --init, and the present ids of its labels.

#include <cstdint>
#include <string>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/io/names.hpp"
#include "xmr/sparse/matrix_file.hpp"

namespace xmr::tools {

struct InitialTree {
  // Reads a tree or a model. Labels are identified by the names in the model or in `old_labels` (a path, or empty) and
  // in `names` (or null), else by their ids. Throws ConfigError for missing or repeated names; DataError for a tree
  // that cannot grow.
  static InitialTree read(const std::string& path, const std::string& old_labels, const LabelNames* names,
                          const MatrixFile& y);

  // Returns the largest number of labels below a node of the last level.
  std::uint32_t largest_leaf() const;

  LabelTree tree;
  std::vector<LabelId> new_ids;  // by old id, see index/grow_tree.hpp
};

}  // namespace xmr::tools
