#pragma once
// Explains the score of a label: its path through the tree, and the effect of each feature on the margin at each level.
//
//   Explainer explain(model, options.post_processor);
//   const std::vector<PathStep> path = explain(query, label);   // path.back().score is the score of a BeamSearch
//
// The effect of a feature is its value times its weight. A margin is the bias plus all effects, up to rounding. Margins
// and scores equal the search's, bit for bit. A label has a path even if no beam reaches it.
// Cost: a look-up a feature and level, some µs a label. Memory: 4 bytes a node and label. Errors: FormatError if a
// chunk is damaged, at its first visit. Thread rule: one object a thread; objects share the model.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/index/tree_paths.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/post_processor.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

struct FeatureEffect {
  FeatureId feature;
  float effect;

  bool operator==(const FeatureEffect&) const = default;
};

struct PathStep {
  NodeId node = 0;  // of the level with the index of the step
  float bias = 0, margin = 0;
  float score = 0;                     // of the path from the root
  std::vector<FeatureEffect> effects;  // not 0; largest absolute value first, ties by feature
};

// The features of a step with the largest effects, and the sum of the other effects.
struct LargestEffects {
  LargestEffects(const PathStep& step, std::uint32_t count);

  std::span<const FeatureEffect> effects;
  std::size_t others = 0;
  float sum_of_others = 0;
};

// The text of a feature, or its number if the model holds no vectorizer.
std::string feature_text(const XrLinearModel& model, FeatureId feature);

class Explainer {
 public:
  // The model must outlive it.
  Explainer(const XrLinearModel& model, const PostProcessor& post_processor);

  // Returns a step for each level, the label last. The tree must have the label.
  std::vector<PathStep> operator()(SparseRow query, LabelId label);

 private:
  PathStep step(std::size_t level, NodeId parent, NodeId node, SparseRow query);

  const XrLinearModel& model_;
  PostProcessor post_processor_;
  TreePaths paths_;
  std::vector<float> zeros_, alone_;  // of a section's children: biases of 0; margins of one feature
};

}  // namespace xmr
