#include "xmr/predict/searched_tree.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "xmr/predict/kernels.hpp"

namespace xmr {
namespace {

// The first levels of a model.
class FirstLevels final : public RankerTree {
 public:
  FirstLevels(const XrLinearModel& model, std::size_t levels)
      : model_(model), tree_(model.tree().first_levels(levels)) {}

  const LabelTree& tree() const override { return tree_; }
  ChunkView chunk(std::size_t level, NodeId parent) const override { return model_.chunk(level, parent); }

 private:
  const XrLinearModel& model_;
  LabelTree tree_;
};

// Returns the nodes of a level that a search keeps; for the last level, the answers.
std::vector<bool> kept_nodes(const XrLinearModel& model, const SearchOptions& options, const Query& query,
                             std::size_t level) {
  std::vector<bool> kept(model.tree().nodes(level));
  if (level + 1 < model.tree().depth()) {
    const FirstLevels first_levels(model, level + 1);
    SearchOptions of_level = options;
    if (options.level_beams.empty()) {
      of_level.k = options.beam;
    } else {
      of_level.k = options.level_beams[level];
      of_level.level_beams.resize(level);
    }
    BeamSearch search(first_levels, of_level);
    for (const NodeId node : search(query).indices)
      kept[node] = true;
    return kept;
  }
  std::vector<bool> is_answer(model.labels());
  BeamSearch search(model, options);
  for (const LabelId label : search(query).indices)
    is_answer[label] = true;
  for (NodeId node = 0; node < kept.size(); ++node)
    kept[node] = is_answer[model.tree().labels()[node]];
  return kept;
}

std::vector<float> margins_of_children(const ChunkView& chunk, SparseRow query) {
  std::vector<float> margins(chunk.children());
  std::vector<SectionQuery> sections;
  append_sections(chunk, query, margins.data(), sections);
  score_sections(sections);
  return margins;
}

// A kept node and its path value (post_processor.hpp).
struct Kept {
  NodeId node = 0;
  float path = 0;
};

std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string node_name(std::size_t level, NodeId node) {
  return fmt::format("n{}_{}", level, node);
}

// The first line of a node's box.
std::string title(const XrLinearModel& model, std::size_t level, NodeId node) {
  if (level + 1 != model.tree().depth()) return fmt::format("node {}", node);
  const LabelId label = model.tree().labels()[node];
  return model.names().empty() ? fmt::format("label {}", label) : quoted(model.names().key(label));
}

}  // namespace

SearchedTree search_tree(const XrLinearModel& model, const SearchOptions& options, const Query& query) {
  const LabelTree& tree = model.tree();
  SearchedTree searched;
  std::vector<Kept> parents(1);
  for (std::size_t level = 0; level < tree.depth(); ++level) {
    const std::vector<bool> is_kept = kept_nodes(model, options, query, level);
    std::vector<SearchedNode>& nodes = searched.levels.emplace_back();
    std::vector<Kept> kept;
    for (const Kept& parent : parents) {
      const NodeRange children = tree.children(level, parent.node);
      if (children.empty()) continue;
      std::vector<float> margins = margins_of_children(model.chunk(level, parent.node), query.features);
      std::vector<float> paths(margins.size());
      options.post_processor.extend(parent.path, margins, paths.data());
      for (const NodeId node : children) {
        const std::size_t i = node - children.front();
        nodes.push_back({node, parent.node, margins[i], options.post_processor.score(paths[i]), is_kept[node]});
        if (is_kept[node]) kept.push_back({node, paths[i]});
      }
    }
    parents = std::move(kept);
  }
  // From the labels upwards.
  std::vector<bool> is_answered;
  for (std::size_t level = tree.depth(); level-- > 0;) {
    std::vector<bool> leads_to_answer(tree.parents(level));
    for (SearchedNode& node : searched.levels[level]) {
      node.is_answered = level + 1 == tree.depth() ? node.is_kept : is_answered[node.node];
      if (node.is_answered) leads_to_answer[node.parent] = true;
    }
    is_answered = std::move(leads_to_answer);
  }
  return searched;
}

std::string graphviz(const SearchedTree& searched, const XrLinearModel& model) {
  std::string out =
      "digraph search {\n"
      "  rankdir=LR\n"
      "  node [shape=box, style=filled, fillcolor=white, fontname=\"sans-serif\"]\n"
      "  root\n";
  const auto append = std::back_inserter(out);
  for (std::size_t level = 0; level < searched.levels.size(); ++level) {
    const auto parent_name = [&](NodeId parent) { return level == 0 ? "root" : node_name(level - 1, parent); };
    const std::vector<SearchedNode>& nodes = searched.levels[level];
    for (auto node = nodes.begin(); node != nodes.end();) {
      const NodeId parent = node->parent;
      std::size_t dropped = 0;
      float best = 0;
      for (; node != nodes.end() && node->parent == parent; ++node) {
        if (!node->is_kept) {
          best = dropped++ == 0 ? node->score : std::max(best, node->score);
          continue;
        }
        const std::string name = node_name(level, node->node);
        fmt::format_to(append, "  {} [label=\"{}\\nmargin {:.4g}\\nscore {:.4g}\"{}]\n", name,
                       title(model, level, node->node), node->margin, node->score,
                       node->is_answered ? ", fillcolor=palegreen" : "");
        fmt::format_to(append, "  {} -> {}\n", parent_name(parent), name);
      }
      if (dropped == 0) continue;
      const std::string name = "rest_of_" + parent_name(parent);
      fmt::format_to(append, "  {} [label=\"{} not kept\\nbest score {:.4g}\", style=dashed]\n", name, dropped, best);
      fmt::format_to(append, "  {} -> {} [style=dashed]\n", parent_name(parent), name);
    }
  }
  return out + "}\n";
}

}  // namespace xmr
