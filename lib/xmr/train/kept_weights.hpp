#pragma once
// From solved lines to a chunk: the weights that are worth keeping are picked out group by group (a group is the up to
// 16 children that were solved together), and sorted once by feature and child when all groups of a parent are done.
// 12 bytes a kept weight.
// Thread rule: a KeptWeights belongs to one thread at a time.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/model/chunk.hpp"
#include "xmr/train/lane_solver.hpp"
#include "xmr/train/parent_rows.hpp"

namespace xmr {

struct KeepOptions {
  float threshold = 0.1F;         // weights with |w| below it are dropped, zeros always; ≥ 0
  std::uint32_t top_weights = 0;  // of these the largest |w| of each child, ties by feature; 0: all
  WeightType type = WeightType::f2;
};

class KeptWeights {
 public:
  struct Weight {
    FeatureId feature;
    std::uint32_t child;
    float value;
  };

  // Weights of the children that `solver` has just solved; lane k was children[k], which increase. Called once per
  // object. DataError if a weight or a bias is not finite.
  void add(const LaneSolver& solver, const ParentRows& rows, std::span<const std::uint32_t> children, float bias_value,
           const KeepOptions& options);
  // A child without positive rows: no weights, and this bias.
  void add_without_rows(std::uint32_t child, float bias) { biases_.push_back({child, bias}); }

  // The chunk of a parent with so many children, from all of its groups, which are emptied, in a model with so many
  // features.
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
