#pragma once
// Why a label has its score: the path through the tree that leads to it and, at each level, what the features of the
// query did to the margin.
//
//   Explainer explain(model, options.post_processor);
//   const std::vector<PathStep> path = explain(query, label);   // path.back().score is the score of a BeamSearch
//
// The effect of a feature is its value times its weight; a margin is the bias and all effects, summed as the kernels
// sum them: margins and scores are those of the search, bit by bit. A label has a path whether a beam reaches it or
// not.
// Cost: a look-up for each feature and level, made one by one: some µs a label. Memory: 4 bytes a node and label.
// Errors: FormatError for a damaged chunk, at its first visit. Thread rule: one object a thread; objects share the
// model.

#include <cstddef>
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
  NodeId node = 0;  // of the level that is the step's number in the path
  float bias = 0, margin = 0;
  float score = 0;                     // of the path up to here
  std::vector<FeatureEffect> effects;  // that are not 0, the largest size first, ties by feature
};

class Explainer {
 public:
  // The model must outlive it.
  Explainer(const XrLinearModel& model, const PostProcessor& post_processor);

  // A step for each level, the label's node last. `label` has a place in the tree.
  std::vector<PathStep> operator()(SparseRow query, LabelId label);

 private:
  PathStep step(std::size_t level, NodeId parent, NodeId node, SparseRow query);

  const XrLinearModel& model_;
  PostProcessor post_processor_;
  TreePaths paths_;
  std::vector<float> zeros_, alone_;  // of a section's children: no bias, the margins of one feature
};

}  // namespace xmr
