#pragma once
// An XR-Linear model as plain dense arrays, and the slowest correct search in it: every node is scored. The oracle of
// chunks, kernels and beam search.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xmr/index/label_ranges.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/post_processor.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/random.hpp"

namespace xmr::test {

struct PlainModel {
  LabelTree tree;
  std::uint32_t features = 0;
  // [level][node][feature], the last one being the bias.
  std::vector<std::vector<std::vector<float>>> weights;

  float margin(std::size_t level, NodeId node, SparseRow query) const;
  // As a model file, without vectorizer and names.
  void write(const std::string& path, const PredictDefaults& defaults = {}, WeightType type = WeightType::f4) const;
};

// 1 to 4 levels with up to 6 children a node, none among them where the level allows it. Weights are few different
// numbers, the same in all weight types, so that margins often tie.
PlainModel random_model(Random& random, std::uint32_t features);
// Some of the features, each with one of few values; sometimes none.
CsrMatrix random_queries(Random& random, std::uint32_t features, std::size_t rows);

// Scores and sorts all nodes level by level, with the rules of docs/methods.md written down plainly; the best k labels.
// With `beam`, only so many nodes of a level have children. With `allowed`, what leads to none of these labels is not
// there, and a level with one node left has a factor of 1.
std::vector<std::pair<LabelId, float>> exhaustive_walk(const PlainModel& model, SparseRow query,
                                                       const PostProcessor& post_processor, TieRule ties, std::size_t k,
                                                       std::size_t beam = SIZE_MAX,
                                                       std::optional<LabelRange> allowed = {});

}  // namespace xmr::test
