#include "xmr-index/initial_tree.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "xmr/index/grow_tree.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/util/error.hpp"

namespace xmr::tools {
namespace {

std::vector<LabelId> find_labels(const StoredNames& old, const LabelNames& names) {
  std::vector<LabelId> new_ids;
  for (LabelId label = 0; label < old.keys.size(); ++label)
    new_ids.push_back(names.find(old.key(label)).value_or(kGone));
  return new_ids;
}

void check_method(const NpzFile& file) {
  const Json& content = file.meta().content;
  for (const char* name : {"trie", "hybrid", "must-link"})
    if (content.contains("method") && content["method"] == name)
      throw DataError(file.name(), fmt::format("a tree of --method {}, which cannot grow: keys place its labels", name),
                      "make a new tree with xmr-index");
}

// Returns the initial tree of a tree without names.
InitialTree of_tree(LabelTree tree, const std::string& name, const std::string& old_labels, const LabelNames* names,
                    const MatrixFile& y) {
  const LabelId before = tree.label_count();
  if (!old_labels.empty())
    return {std::move(tree), find_labels(LabelNames::read(old_labels, before, name).stored(), *names)};
  if (y.view().cols < before)
    throw DataError(y.name(), fmt::format("{} labels, but {} has {}", y.view().cols, name, before),
                    "--labels and --init-labels tell which are gone");
  std::vector<LabelId> same(before);
  std::iota(same.begin(), same.end(), LabelId{0});
  return {std::move(tree), std::move(same)};
}

}  // namespace

InitialTree InitialTree::read(const std::string& path, const std::string& old_labels, const LabelNames* names,
                              const MatrixFile& y) {
  NpzFile file(path);
  if (file.has_meta() && file.meta().kind == "model") {
    const XrLinearModel model = XrLinearModel::open(std::move(file));
    if (!model.names().empty()) {
      if (!old_labels.empty())
        throw ConfigError(fmt::format("--init-labels: {} has label names of its own", model.name()));
      if (names == nullptr)
        throw ConfigError(fmt::format("--init: {} has label names, so --labels is required", model.name()));
      return {model.tree(), find_labels(model.names(), *names)};
    }
    return of_tree(model.tree(), model.name(), old_labels, names, y);
  }
  LabelTree tree = read_tree(file);
  check_method(file);
  return of_tree(std::move(tree), file.name(), old_labels, names, y);
}

std::uint32_t InitialTree::largest_leaf() const {
  std::uint32_t largest = 0;
  for (NodeId parent = 0; parent < tree.parents(tree.depth() - 1); ++parent)
    largest = std::max(largest, tree.children(tree.depth() - 1, parent).size());
  return largest;
}

}  // namespace xmr::tools
