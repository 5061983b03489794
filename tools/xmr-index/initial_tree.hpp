#pragma once
// The tree of --init, and what its labels are now.

#include <cstdint>
#include <string>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/io/names.hpp"
#include "xmr/sparse/matrix_file.hpp"

namespace xmr::tools {

struct InitialTree {
  // From a tree or a model. Labels are told by the names in the model or in `old_labels` (a path, or empty) and those
  // of now (or null), else by their ids. ConfigError for names that are missing or there twice; DataError for a tree
  // that cannot grow.
  static InitialTree read(const std::string& path, const std::string& old_labels, const LabelNames* names,
                          const MatrixFile& y);

  // Labels of the largest node just above them.
  std::uint32_t largest_leaf() const;

  LabelTree tree;
  std::vector<LabelId> new_ids;  // of its labels, see index/grow_tree.hpp
};

}  // namespace xmr::tools
