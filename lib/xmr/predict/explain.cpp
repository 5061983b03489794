#include "xmr/predict/explain.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "xmr/predict/kernels.hpp"

namespace xmr {
namespace {

// The bound of effects, as of margins: every effect can be printed.
constexpr float kEffectBound = 1e30F;

}  // namespace

LargestEffects::LargestEffects(const PathStep& step, std::uint32_t count)
    : effects(std::span(step.effects).first(std::min<std::size_t>(count, step.effects.size()))),
      others(step.effects.size() - effects.size()) {
  for (const FeatureEffect& other : std::span(step.effects).subspan(effects.size()))
    sum_of_others += other.effect;
}

std::string feature_text(const XrLinearModel& model, FeatureId feature) {
  const Vectorizer* const vectorizer = model.vectorizer();
  return vectorizer == nullptr ? fmt::format("feature {}", feature) : vectorizer->feature_text(feature);
}

Explainer::Explainer(const XrLinearModel& model, const PostProcessor& post_processor)
    : model_(model),
      post_processor_(post_processor),
      paths_(model.tree()),
      zeros_(kSectionChildren),
      alone_(kSectionChildren) {}

std::vector<PathStep> Explainer::operator()(SparseRow query, LabelId label) {
  std::vector<std::vector<NodeId>> nodes;  // [level]: one node
  paths_.ways_to({&label, 1}, model_.tree().depth() - 1, nodes);
  std::vector<PathStep> path;
  float value = 0;  // see post_processor.hpp
  for (std::size_t level = 0; level < nodes.size(); ++level) {
    PathStep& last = path.emplace_back(step(level, level == 0 ? 0 : nodes[level - 1][0], nodes[level][0], query));
    post_processor_.extend(value, {&last.margin, 1}, &value);
    last.score = post_processor_.score(value);
  }
  return path;
}

// The kernel of the search computes the effects: margins of queries with one feature, without bias.
PathStep Explainer::step(std::size_t level, NodeId parent, NodeId node, SparseRow query) {
  const std::uint32_t child = node - model_.tree().children(level, parent).front();
  SectionView section = model_.chunk(level, parent).section(child / kSectionChildren);
  const std::uint32_t in_section = child % kSectionChildren;
  PathStep step{.node = node, .bias = section.bias[in_section], .effects = {}};
  score_sections(std::array{SectionQuery{section, query, alone_.data()}});
  step.margin = alone_[in_section];
  section.bias = std::span<const float>(zeros_).first(section.children);
  for (std::size_t i = 0; i < query.size(); ++i) {
    const SparseRow feature{query.indices.subspan(i, 1), query.values.subspan(i, 1)};
    score_sections(std::array{SectionQuery{section, feature, alone_.data()}});
    const float effect = alone_[in_section];
    if (effect != 0) step.effects.push_back({feature.indices[0], std::clamp(effect, -kEffectBound, kEffectBound)});
  }
  std::ranges::stable_sort(step.effects, [](const FeatureEffect& a, const FeatureEffect& b) {
    return std::abs(a.effect) > std::abs(b.effect);
  });
  return step;
}

}  // namespace xmr
