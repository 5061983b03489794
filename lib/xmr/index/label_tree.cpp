#include "xmr/index/label_tree.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

namespace {

constexpr std::string_view kKind = "label-tree";
constexpr int kFormatVersion = 1;
// A fault of a tree: the faulty member (as in a file) and the fault. If `what` is empty, there is no fault.
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

// `parents`: of level 0.
Fault find_levels_fault(std::span<const std::vector<std::uint32_t>> offsets, std::uint64_t parents) {
  for (std::size_t level = 0; level < offsets.size(); ++level) {
    std::string what = find_offsets_fault(offsets[level], parents);
    if (!what.empty()) return {level_member(level), std::move(what)};
    parents = offsets[level].back();
  }
  return {};
}

// As find_levels_fault(); checks the number of labels, too.
Fault find_shape_fault(std::span<const std::vector<std::uint32_t>> offsets, std::uint64_t placed,
                       std::uint64_t label_count, std::uint64_t parents) {
  if (Fault fault = find_levels_fault(offsets, parents); !fault.what.empty()) return fault;
  return {"labels", find_count_fault(placed, offsets.empty() ? 0 : offsets.back().back(), label_count)};
}

Fault find_fault(std::span<const std::vector<std::uint32_t>> offsets, std::span<const LabelId> labels,
                 std::uint64_t label_count, std::uint64_t parents) {
  if (Fault fault = find_shape_fault(offsets, labels.size(), label_count, parents); !fault.what.empty()) return fault;
  return {"labels", find_labels_fault(labels, label_count)};
}

Fault find_tree_fault(std::span<const std::vector<std::uint32_t>> offsets, std::span<const LabelId> labels,
                      std::uint64_t label_count) {
  if (labels.empty()) return {"labels", "there are none"};
  return find_fault(offsets, labels, label_count, 1);
}

void refuse(const Fault& fault) {
  if (!fault.what.empty()) throw DataError(fmt::format("label tree: {}: {}", fault.member, fault.what));
}
void refuse(const Fault& fault, const NpzFile& file, const std::string& prefix) {
  if (!fault.what.empty())
    throw FormatError(file.name(), fmt::format("member {}{}: {}", prefix, fault.member, fault.what));
}

std::vector<std::uint32_t> checked_copy(const NpzFile& file, const std::string& member) {
  file.check(member);
  const auto values = file.array<std::uint32_t>(member);
  return {values.begin(), values.end()};
}

}  // namespace

LabelTree::LabelTree(std::vector<std::vector<std::uint32_t>> offsets, std::vector<LabelId> labels,
                     std::uint64_t label_count)
    : offsets_(std::move(offsets)), labels_(std::move(labels)), label_count_(static_cast<LabelId>(label_count)) {
  refuse(find_tree_fault(offsets_, labels_.all(), label_count));
}

LabelTree::LabelTree(std::vector<std::vector<std::uint32_t>> offsets, std::vector<LabelId> labels)
    : offsets_(std::move(offsets)), labels_(std::move(labels)), label_count_(static_cast<LabelId>(labels_.size())) {
  refuse(find_tree_fault(offsets_, labels_.all(), labels_.size()));
}

std::vector<NodeId> LabelTree::nodes_of_labels() const {
  std::vector<NodeId> nodes(label_count_, kNoPlace);
  const std::span<const LabelId> labels = this->labels();
  for (NodeId node = 0; node < placed_labels(); ++node)
    nodes[labels[node]] = node;
  return nodes;
}

LabelTree LabelTree::first_levels(std::size_t levels) const {
  LabelTree tree;
  tree.offsets_.assign(offsets_.begin(), offsets_.begin() + static_cast<std::ptrdiff_t>(levels));
  std::vector<LabelId> labels(nodes(levels - 1));
  std::iota(labels.begin(), labels.end(), LabelId{0});
  tree.labels_ = TreeLabels(std::move(labels));
  tree.label_count_ = nodes(levels - 1);
  return tree;
}

LabelTree LabelTree::forest(NodeId first, NodeId last) const {
  const std::span<const std::uint32_t> ends = offsets(depth() - 1);
  if (label_count_ > kMaxUnplacedLabels)
    throw DataError(fmt::format("{} labels, a forest has at most {}", label_count_, kMaxUnplacedLabels));
  LabelTree forest;
  forest.offsets_.emplace_back(ends.begin() + first, ends.begin() + last + 1);
  for (std::uint32_t& offset : forest.offsets_[0])
    offset -= ends[first];
  const std::span<const LabelId> below = labels().subspan(ends[first], ends[last] - ends[first]);
  forest.labels_ = TreeLabels(std::vector<LabelId>(below.begin(), below.end()));
  forest.label_count_ = label_count_;
  return forest;
}

std::string LabelTree::fingerprint() const {
  Fingerprint print;
  print.add(std::uint64_t{depth()});
  for (const auto& level : offsets_)
    print.add(std::uint64_t{level.size()}).add(std::span(level));
  print.add(labels());
  if (placed_labels() != label_count_) print.add(std::uint64_t{label_count_});
  return print.hex();
}

void LabelTree::write(NpzWriter& out, const std::string& prefix) const {
  for (std::size_t level = 0; level < depth(); ++level)
    out.add(prefix + level_member(level), offsets_[level]);
  labels_.write(out, prefix);
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
  LabelTree tree;
  for (std::size_t level = 0; level < depth; ++level)
    tree.offsets_.push_back(checked_copy(file, prefix + level_member(level)));
  tree.labels_ = TreeLabels(checked_copy(file, prefix + "labels"));
  const std::uint64_t all = label_count.value_or(tree.labels_.size());
  tree.label_count_ = static_cast<LabelId>(all);
  const std::size_t offsets = tree.offsets_.empty() ? 0 : tree.offsets_[0].size();
  refuse(roots == Roots::one ? find_tree_fault(tree.offsets_, tree.labels(), all)
                             : find_fault(tree.offsets_, tree.labels(), all, std::max<std::size_t>(offsets, 1) - 1),
         file, prefix);
  return tree;
}

LabelTree LabelTree::open(const std::shared_ptr<const NpzFile>& file, const std::string& prefix, std::size_t depth,
                          std::uint64_t label_count) {
  if (depth == 0 || !TreeLabels::has_sums(*file, prefix)) return read(*file, prefix, depth, label_count);
  LabelTree tree;
  for (std::size_t level = 0; level < depth; ++level)
    tree.offsets_.push_back(checked_copy(*file, prefix + level_member(level)));
  tree.labels_ = TreeLabels(file, prefix, label_count);
  tree.label_count_ = static_cast<LabelId>(label_count);
  refuse(tree.labels_.size() == 0 ? Fault{"labels", "there are none"}
                                  : find_shape_fault(tree.offsets_, tree.labels_.size(), label_count, 1),
         *file, prefix);
  return tree;
}

void write_tree(NpzWriter out, const LabelTree& tree, Json content) {
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
  const Json& content = file.meta().content;
  const Json* const depth = content.find("depth");
  if (depth == nullptr || !depth->is_count()) {
    throw FormatError(file.name(), "meta.json: depth is absent or no number");
  }
  LabelTree tree = LabelTree::read(file, "", depth->get<std::size_t>());
  const auto says = [&](const char* name, const Json& value) {
    return content.contains(name) && content[name] == value;
  };
  if (!says("labels", tree.label_count()) || !says("tree", tree.fingerprint())) {
    throw FormatError(file.name(), "meta.json tells of another tree than the one that is there");
  }
  return tree;
}

}  // namespace xmr
