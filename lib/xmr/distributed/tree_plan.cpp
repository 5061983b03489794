#include "xmr/distributed/tree_plan.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "xmr/distributed/equal_parts.hpp"
#include "xmr/featurize/options.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

constexpr std::string_view kTreePlanKind = "tree-plan";
constexpr int kNewestTreePlan = 1;
constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::uint32_t>::max();

TreeRecipe read_recipe(const NpzFile& file, const Json& from) {
  const auto number = [&](const char* key) {
    return static_cast<std::uint32_t>(meta_count(file, from, key, kMaxNumber));
  };
  TreeRecipe recipe;
  recipe.tree.branching = number("branching");
  recipe.tree.max_leaf = number("max_leaf");
  recipe.tree.kmeans.rounds = number("rounds");
  recipe.tree.kmeans.seed = meta_count(file, from, "seed", std::numeric_limits<std::uint64_t>::max());
  recipe.embedding.size = number("embedding_size");
  try {
    recipe.embedding.y_norm = meta_named<Norm>(file, from, "y_norm");
  } catch (const ConfigError& error) {
    throw FormatError(file.name(), fmt::format("meta.json: \"y_norm\": {}", error.what()));
  }
  if (recipe.tree.branching < 2 || recipe.tree.max_leaf < 2 || recipe.tree.kmeans.rounds < 1)
    throw FormatError(file.name(), "meta.json: no tree has such a form");
  return recipe;
}

}  // namespace

TreePlan::TreePlan(TreeRecipe recipe, Json content, LabelTree top, std::vector<float> mean,
                   std::vector<std::uint64_t> cuts)
    : recipe_(std::move(recipe)),
      content_(std::move(content)),
      top_(std::move(top)),
      mean_(std::move(mean)),
      cuts_(std::move(cuts)) {
  fingerprint_ = Fingerprint()
                     .add(content_.dump())
                     .add(version())
                     .add(top_.fingerprint())
                     .add(std::span<const float>(mean_))
                     .add(std::span<const std::uint64_t>(cuts_))
                     .hex();
}

TreePlan TreePlan::make(const TreeRecipe& recipe, Json content, TreeTop top, std::vector<float> mean,
                        std::uint32_t parts) {
  std::vector<std::uint64_t> costs;
  for (const std::vector<LabelId>& node : top.divided.nodes) {
    std::uint64_t& cost = costs.emplace_back(node.size());
    for (const LabelId label : node)
      cost += top.entries[label];
  }
  Subtrees tree = with_labels(std::move(top.divided));
  return {recipe, std::move(content), LabelTree(std::move(tree.offsets), std::move(tree.labels)), std::move(mean),
          cut_evenly(costs, parts)};
}

void TreePlan::write(NpzWriter out) const {
  top_.write(out, "");
  out.add("mean", mean_);
  out.add("cuts", cuts_);
  out.commit({std::string(kTreePlanKind), kNewestTreePlan,
              Json{{"depth", top_.depth()}, {"parts", parts()}, {"tree", content_}}});
}

TreePlan TreePlan::read(const std::string& path) {
  const NpzFile file(path);
  file.require_kind(kTreePlanKind, kNewestTreePlan);
  require_this_version(file);
  const Json& from = file.meta().content;
  const std::uint64_t depth = meta_count(file, from, "depth", 2), parts = meta_count(file, from, "parts", kMaxParts);
  if (depth == 0 || parts == 0) throw FormatError(file.name(), "meta.json: a plan has a level and a part at least");
  Json content = meta_value<Json>(file, from, "tree");
  TreeRecipe recipe = read_recipe(file, content);
  LabelTree top = LabelTree::read(file, "", depth);
  file.check("mean");
  const auto mean = file.array<float>("mean");
  const auto cuts = file.array<std::uint64_t>("cuts");
  if (cuts.size() != parts + 1 || cuts.front() != 0 || cuts.back() != top.parents(depth - 1) ||
      !std::ranges::is_sorted(cuts))
    throw FormatError(file.name(),
                      fmt::format("cuts: {} parts of {} nodes do not begin so", parts, top.parents(depth - 1)));
  for (NodeId node = 0; node < top.parents(depth - 1); ++node) {
    const NodeRange labels = top.children(depth - 1, node);
    const auto of_node = top.labels().subspan(labels.front(), labels.size());
    if (of_node.empty() || !std::ranges::is_sorted(of_node))
      throw FormatError(file.name(), fmt::format("labels: those of node {} do not increase", node));
  }
  TreePlan plan(std::move(recipe), std::move(content), std::move(top), {mean.begin(), mean.end()},
                {cuts.begin(), cuts.end()});
  if (plan.shape().levels().empty() != (depth == 1))
    throw FormatError(file.name(), "meta.json: \"depth\" is not that of the tree's form");
  plan.name_ = file.name();
  return plan;
}

TreeShape TreePlan::shape() const {
  return TreeShape::wide_root(top_.label_count(), recipe_.tree.branching, recipe_.tree.max_leaf);
}

LevelNodes TreePlan::nodes(std::uint32_t part) const {
  LevelNodes nodes;
  for (std::uint64_t node = cuts_[part]; node < cuts_[part + 1]; ++node) {
    const NodeRange range = top_.children(top_.depth() - 1, static_cast<NodeId>(node));
    const auto labels = top_.labels().subspan(range.front(), range.size());
    nodes.emplace_back(labels.begin(), labels.end());
  }
  return nodes;
}

std::vector<LabelId> TreePlan::labels(std::uint32_t part) const {
  std::vector<LabelId> labels;
  for (const std::vector<LabelId>& node : nodes(part))
    labels.insert(labels.end(), node.begin(), node.end());
  std::ranges::sort(labels);
  return labels;
}

bool TreePlan::needs_vectors() const {
  return shape().levels().size() > 1;
}

Subtrees TreePlan::divide(const MakeVectors& make, std::uint32_t part, Parallel& parallel) const {
  return subtrees_of(nodes(part), make, shape(), recipe_.tree, top_.depth() - 1, parallel);
}

}  // namespace xmr
