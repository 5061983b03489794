#include "support/plain_model.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "xmr/model/chunk_builder.hpp"
#include "xmr/predict/beam_search.hpp"

namespace xmr::test {

float PlainModel::margin(std::size_t level, NodeId node, SparseRow query) const {
  const std::vector<float>& w = weights[level][node];
  float sum = w[features];
  for (std::size_t i = 0; i < query.size(); ++i) {
    const float weight = w[query.indices[i]];
    if (weight != 0) sum += query.values[i] * weight;
  }
  return sum;
}

void PlainModel::write(const std::string& path, const PredictDefaults& defaults, WeightType type) const {
  std::vector<LevelChunks> levels(tree.depth());
  for (std::size_t level = 0; level < tree.depth(); ++level) {
    for (NodeId parent = 0; parent < tree.parents(level); ++parent) {
      const auto children = tree.children(level, parent);
      ChunkBuilder builder(children.size(), features, type);
      for (const NodeId child : children)
        builder.set_bias(child - children.front(), weights[level][child][features]);
      for (FeatureId feature = 0; feature < features; ++feature) {
        std::vector<ChildWeight> row;
        for (const NodeId child : children) {
          const float weight = weights[level][child][feature];
          if (weight != 0) row.push_back({child - children.front(), weight});
        }
        if (!row.empty()) builder.add(feature, row);
      }
      builder.finish(levels[level].emplace_back());
    }
  }
  write_model(
      NpzWriter(path),
      {.tree = tree, .features = features, .weight_type = type, .levels = levels, .defaults = defaults, .options = {}});
}

PlainModel random_model(Random& random, std::uint32_t features) {
  constexpr float kWeights[] = {0, 0, 0, -1, -0.5F, 0.25F, 0.5F, 1, 3};
  std::vector<std::vector<std::uint32_t>> offsets;
  std::uint32_t parents = 1;
  for (std::size_t depth = 1 + random.below(4); depth > 0; --depth) {
    std::vector<std::uint32_t> level{0};
    for (std::uint32_t p = 0; p < parents; ++p) {
      level.push_back(level.back() + static_cast<std::uint32_t>(random.below(7)));
    }
    if (level.back() == 0) ++level.back();
    parents = level.back();
    offsets.push_back(std::move(level));
  }
  std::vector<LabelId> labels(parents);
  std::iota(labels.begin(), labels.end(), 0);
  random.shuffle(std::span(labels));

  PlainModel model{.tree = LabelTree(std::move(offsets), std::move(labels)), .features = features, .weights = {}};
  for (std::size_t level = 0; level < model.tree.depth(); ++level) {
    auto& nodes = model.weights.emplace_back(model.tree.nodes(level), std::vector<float>(features + 1));
    for (auto& node : nodes) {
      for (float& weight : node)
        weight = kWeights[random.below(std::size(kWeights))];
    }
  }
  return model;
}

CsrMatrix random_queries(Random& random, std::uint32_t features, std::size_t rows) {
  constexpr float kValues[] = {0.5F, 1, 1, 2};
  CsrMatrix queries(features);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::uint64_t share = random.below(5);  // 0: no feature at all
    for (FeatureId feature = 0; feature < features; ++feature) {
      if (random.below(4) < share) queries.push(feature, kValues[random.below(std::size(kValues))]);
    }
    queries.end_row();
  }
  return queries;
}

bool leads_to(const LabelTree& tree, std::size_t level, NodeId node, LabelRange allowed) {
  if (level + 1 == tree.depth()) return allowed.contains(tree.labels()[node]);
  for (const NodeId child : tree.children(level + 1, node))
    if (leads_to(tree, level + 1, child, allowed)) return true;
  return false;
}

std::vector<std::pair<LabelId, float>> exhaustive_walk(const PlainModel& model, SparseRow query,
                                                       const PostProcessor& post_processor, TieRule ties, std::size_t k,
                                                       std::size_t beam, std::optional<LabelRange> allowed) {
  struct Scored {
    float path = 0;
    float margin = 0;
    float path_margin = 0;
    NodeId id = 0;
  };
  std::vector<Scored> ranked{Scored{}};
  for (std::size_t level = 0; level < model.tree.depth(); ++level) {
    const bool last = level + 1 == model.tree.depth();
    std::vector<Scored> next;  // in the order of their parents' ranks
    Scored above;              // the parent of the last one
    for (const Scored& parent : ranked) {
      for (const NodeId child : model.tree.children(level, parent.id)) {
        if (allowed && !leads_to(model.tree, level, child, *allowed)) continue;
        Scored node{.id = child};
        node.margin = model.margin(level, child, query);
        node.path_margin = parent.path_margin + node.margin;
        post_processor.extend(parent.path, {&node.margin, 1}, &node.path);
        next.push_back(node);
        above = parent;
      }
    }
    if (allowed && next.size() == 1 && !last) {
      above.id = next.front().id;
      next = {above};
    }
    if (ties == TieRule::position) {
      std::ranges::stable_sort(next, [&](const Scored& a, const Scored& b) {
        return post_processor.score(a.path) > post_processor.score(b.path);
      });
    } else {
      const auto key = [&](const Scored& node) {
        return std::tuple(-node.path, -node.margin, -node.path_margin, last ? model.tree.labels()[node.id] : node.id);
      };
      std::ranges::sort(next, {}, key);
    }
    const bool keeps_all = allowed && allowed->size() <= SearchOptions::kScoreAll * beam;
    next.resize(std::min(next.size(), last ? k : keeps_all ? SIZE_MAX : beam));
    ranked = std::move(next);
  }
  std::vector<std::pair<LabelId, float>> answers;
  answers.reserve(ranked.size());
  for (const Scored& node : ranked) {
    answers.emplace_back(model.tree.labels()[node.id], post_processor.score(node.path));
  }
  return answers;
}

}  // namespace xmr::test
