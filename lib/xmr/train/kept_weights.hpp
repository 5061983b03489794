#pragma once
// Makes the chunk of a parent from solved lines. The kept weights are collected group by group; a group is up to 16
// children that were solved together. They are sorted once, by feature and child, when all groups of a parent are done.
// Memory: 12 bytes a kept weight. Thread rule: a KeptWeights belongs to one thread at a time.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/model/chunk.hpp"
#include "xmr/train/lane_solver.hpp"
#include "xmr/train/parent_rows.hpp"

namespace xmr {

struct KeepOptions {
  float threshold = 0.1F;           // >= 0; smaller positive weights are dropped, zeros always
  float threshold_negative = 0.1F;  // >= 0; negative weights of a smaller size are dropped
  std::uint32_t top_weights = 0;    // the number of largest |w| kept of each child; 0: all
  WeightType type = WeightType::i1;
};

// Returns the default threshold of negative weights of a level, relative to that of positive ones. At the last level
// small positive weights help wrong labels, and small negative weights together hold them down. Above it fewer negative
// weights keep more right paths in the beam. Neither helps with the logistic loss.
constexpr float default_negative_factor(Loss loss, std::size_t level, std::size_t depth) {
  if (loss == Loss::logistic) return 1;
  return level + 1 == depth ? 0.8F : 1.5F;
}

class KeptWeights {
 public:
  struct Weight {
    FeatureId feature;
    std::uint32_t child;
    float value;
  };

  // Adds the weights of the children that `solver` solved last. Lane k is children[k]; the children increase. Called
  // once per object. If a weight or a bias is not finite, throws DataError.
  void add(const LaneSolver& solver, const ParentRows& rows, std::span<const std::uint32_t> children, float bias_value,
           const KeepOptions& options);
  // Adds a child without positive rows: no weights, and this bias.
  void add_without_rows(std::uint32_t child, float bias) { biases_.push_back({child, bias}); }

  // Makes the chunk of a parent with so many children from all its groups, and empties them. `features`: of the model.
  static std::string chunk(std::span<KeptWeights> groups, std::uint32_t children, std::uint64_t features,
                           WeightType type);

 private:
  struct Bias {
    std::uint32_t child;
    float value;
  };
  void keep_largest(std::span<const std::uint32_t> children, std::uint32_t count);
  static std::vector<Weight> merged(std::span<KeptWeights> groups);

  std::vector<Weight> weights_;
  std::vector<Bias> biases_;
};

}  // namespace xmr
