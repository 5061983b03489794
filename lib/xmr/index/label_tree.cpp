#include "xmr/index/label_tree.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

namespace {

constexpr std::string_view kKind = "label-tree";
constexpr int kFormatVersion = 1;
// More labels than this have a place each: no byte of a file vouches for the others, and one bit of each is looked at.
constexpr std::uint64_t kMostUnplaced = std::uint64_t{1} << 28;

// A fault of a tree: the member that has it (as in a file) and what is wrong; an empty `what` means none.
struct Fault {
  std::string member;
  std::string what;
};

std::string level_member(std::size_t level) {
  return fmt::format("level{}", level);
}

std::string find_offsets_fault(std::span<const std::uint32_t> offsets, std::uint64_t parents) {
  if (offsets.size() != parents + 1) {
    return fmt::format("{} offsets, but the nodes of the level above, {}, need {}", offsets.size(), parents,
                       parents + 1);
  }
  if (offsets[0] != 0) return fmt::format("the first offset is {}, not 0", offsets[0]);
  const auto fall = std::is_sorted_until(offsets.begin(), offsets.end());
  if (fall != offsets.end()) {
    return fmt::format("offset {} is {}, less than the one before it, {}", fall - offsets.begin(), *fall, *(fall - 1));
  }
  return {};
}

std::string find_labels_fault(std::span<const LabelId> labels, std::uint64_t nodes, std::uint64_t label_count) {
  if (labels.size() != nodes) return fmt::format("{} labels, but the last level has {} nodes", labels.size(), nodes);
  if (label_count < labels.size() || label_count > std::max<std::uint64_t>(labels.size(), kMostUnplaced))
    return fmt::format("{} of them have a place, which {} labels cannot have", labels.size(), label_count);
  std::vector<bool> seen(label_count);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= label_count) {
      return fmt::format("label {} at position {} is outside 0..{}", labels[i], i, label_count - 1);
    }
    if (seen[labels[i]]) return fmt::format("label {} at position {} is there twice", labels[i], i);
    seen[labels[i]] = true;
  }
  return {};
}

// `parents`: of level 0.
Fault find_fault(std::span<const std::vector<std::uint32_t>> offsets, std::span<const LabelId> labels,
                 std::uint64_t label_count, std::uint64_t parents) {
  for (std::size_t level = 0; level < offsets.size(); ++level) {
    std::string what = find_offsets_fault(offsets[level], parents);
    if (!what.empty()) return {level_member(level), std::move(what)};
    parents = offsets[level].back();
  }
  return {"labels", find_labels_fault(labels, offsets.empty() ? 0 : parents, label_count)};
}

Fault find_tree_fault(std::span<const std::vector<std::uint32_t>> offsets, std::span<const LabelId> labels,
                      std::uint64_t label_count) {
  if (labels.empty()) return {"labels", "there are none"};
  return find_fault(offsets, labels, label_count, 1);
}

void refuse(const Fault& fault) {
  if (!fault.what.empty()) throw DataError(fmt::format("label tree: {}: {}", fault.member, fault.what));
}

}  // namespace

LabelTree::LabelTree(std::vector<std::vector<std::uint32_t>> offsets, std::vector<LabelId> labels,
                     std::uint64_t label_count)
    : offsets_(std::move(offsets)), labels_(std::move(labels)), label_count_(static_cast<LabelId>(label_count)) {
  refuse(find_tree_fault(offsets_, labels_, label_count));
}

LabelTree::LabelTree(std::vector<std::vector<std::uint32_t>> offsets, std::vector<LabelId> labels)
    : offsets_(std::move(offsets)), labels_(std::move(labels)), label_count_(static_cast<LabelId>(labels_.size())) {
  refuse(find_tree_fault(offsets_, labels_, labels_.size()));
}

std::vector<NodeId> LabelTree::nodes_of_labels() const {
  std::vector<NodeId> nodes(label_count_, kNoPlace);
  for (NodeId node = 0; node < placed_labels(); ++node)
    nodes[labels_[node]] = node;
  return nodes;
}

LabelTree LabelTree::first_levels(std::size_t levels) const {
  LabelTree tree;
  tree.offsets_.assign(offsets_.begin(), offsets_.begin() + static_cast<std::ptrdiff_t>(levels));
  tree.labels_.resize(nodes(levels - 1));
  std::iota(tree.labels_.begin(), tree.labels_.end(), LabelId{0});
  tree.label_count_ = nodes(levels - 1);
  return tree;
}

LabelTree LabelTree::forest(NodeId first, NodeId last) const {
  const std::span<const std::uint32_t> ends = offsets(depth() - 1);
  if (label_count_ > kMostUnplaced)
    throw DataError(fmt::format("{} labels, a forest has at most {}", label_count_, kMostUnplaced));
  LabelTree forest;
  forest.offsets_.emplace_back(ends.begin() + first, ends.begin() + last + 1);
  for (std::uint32_t& offset : forest.offsets_[0])
    offset -= ends[first];
  forest.labels_.assign(labels_.begin() + ends[first], labels_.begin() + ends[last]);
  forest.label_count_ = label_count_;
  return forest;
}

std::string LabelTree::fingerprint() const {
  Fingerprint print;
  print.add(std::uint64_t{depth()});
  for (const auto& level : offsets_)
    print.add(std::uint64_t{level.size()}).add(std::span(level));
  print.add(std::span(labels_));
  if (placed_labels() != label_count_) print.add(std::uint64_t{label_count_});
  return print.hex();
}

void LabelTree::write(NpzWriter& out, const std::string& prefix) const {
  for (std::size_t level = 0; level < depth(); ++level)
    out.add(prefix + level_member(level), offsets_[level]);
  out.add(prefix + "labels", labels_);
}

LabelTree LabelTree::read(const NpzFile& file, const std::string& prefix, std::size_t depth,
                          std::optional<std::uint64_t> label_count) {
  return read(file, prefix, depth, label_count, Roots::one);
}

LabelTree LabelTree::read_forest(const NpzFile& file, const std::string& prefix, std::uint64_t label_count) {
  return read(file, prefix, 1, label_count, Roots::any);
}

LabelTree LabelTree::read(const NpzFile& file, const std::string& prefix, std::size_t depth,
                          std::optional<std::uint64_t> label_count, Roots roots) {
  const auto copy = [&](const std::string& member) {
    file.check(prefix + member);
    const auto values = file.array<std::uint32_t>(prefix + member);
    return std::vector<std::uint32_t>(values.begin(), values.end());
  };
  LabelTree tree;
  for (std::size_t level = 0; level < depth; ++level)
    tree.offsets_.push_back(copy(level_member(level)));
  tree.labels_ = copy("labels");
  const std::uint64_t all = label_count.value_or(tree.labels_.size());
  tree.label_count_ = static_cast<LabelId>(all);
  const std::size_t offsets = tree.offsets_.empty() ? 0 : tree.offsets_[0].size();
  const Fault fault = roots == Roots::one
                          ? find_tree_fault(tree.offsets_, tree.labels_, all)
                          : find_fault(tree.offsets_, tree.labels_, all, std::max<std::size_t>(offsets, 1) - 1);
  if (!fault.what.empty()) {
    throw FormatError(file.name(), fmt::format("member {}{}: {}", prefix, fault.member, fault.what));
  }
  return tree;
}

void write_tree(NpzWriter out, const LabelTree& tree, nlohmann::ordered_json content) {
  tree.write(out, "");
  content["depth"] = tree.depth();
  content["labels"] = tree.label_count();
  content["tree"] = tree.fingerprint();
  out.commit({std::string(kKind), kFormatVersion, std::move(content)});
}

LabelTree read_tree(const std::string& path) {
  return read_tree(NpzFile(path));
}

LabelTree read_tree(const NpzFile& file) {
  file.require_kind(kKind, kFormatVersion);
  const nlohmann::ordered_json& content = file.meta().content;
  const auto depth = content.find("depth");
  if (depth == content.end() || !depth->is_number_unsigned()) {
    throw FormatError(file.name(), "meta.json: depth is absent or no number");
  }
  LabelTree tree = LabelTree::read(file, "", depth->get<std::size_t>());
  const auto says = [&](const char* name, const nlohmann::ordered_json& value) {
    const auto found = content.find(name);
    return found != content.end() && *found == value;
  };
  if (!says("labels", tree.label_count()) || !says("tree", tree.fingerprint())) {
    throw FormatError(file.name(), "meta.json tells of another tree than the one that is there");
  }
  return tree;
}

}  // namespace xmr
