#pragma once
// The solved parents of a trained model, for training that starts from it. If the problem of a parent
// (problem_hash.hpp) is one of the model's, the parent gets the model's chunk. The result is, byte for byte, that of
// training anew.
//
//   const SolvedParents solved(XrLinearModel::open("old.npz"));
//   train_xr_linear(x, y, tree, options, parallel, {}, &solved);
//
// With kept_levels > 0 the parents of the first levels keep their chunks even if their problems have changed, provided
// that they have the same number of children. The result then differs from training anew. The new tree must have grown
// from the model's (index/grow_tree.hpp), so nodes keep their numbers.
//
// Memory: 24 bytes a parent. Errors: DataError if the model records no problems; FormatError if a chunk is damaged.
// Thread rule: const methods from any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/model/xr_linear.hpp"

namespace xmr {

class SolvedParents {
 public:
  // kept_levels: the levels whose parents are always kept; fewer than the model has (asserted).
  explicit SolvedParents(XrLinearModel model, std::size_t kept_levels = 0);

  struct Found {
    ChunkView chunk;
    std::uint64_t problem;  // the hash of the problem that the chunk solves
  };
  // Finds the chunk for a parent with so many children and weights of this type.
  std::optional<Found> find(std::size_t level, NodeId parent, std::uint32_t children, WeightType type,
                            std::uint64_t problem) const;

  const XrLinearModel& model() const { return model_; }
  std::size_t kept_levels() const { return kept_levels_; }
  // The hash of the problems of the kept levels, 16 hexadecimal digits.
  std::string kept_fingerprint() const;

 private:
  struct Place {
    std::uint64_t problem;
    std::uint32_t level;
    NodeId parent;
  };

  XrLinearModel model_;
  std::size_t kept_levels_;
  std::vector<std::span<const std::uint64_t>> problems_;  // [level]
  std::vector<Place> places_;                             // sorted by problem
};

}  // namespace xmr
