#pragma once
// What a trained model has solved, for training that starts from it: a parent whose problem (problem_hash.hpp) is one
// of the model's gets the model's chunk, wherever it stood there. The result is, byte for byte, that of training anew.
//
//   const SolvedParents solved(XrLinearModel::open("old.npz"));
//   train_xr_linear(x, y, tree, options, parallel, {}, &solved);
//
// On wish the parents of the first levels are kept though their problems have changed, where they have as many children
// as before: then the result is another one. The new tree must have grown from the model's (index/grow_tree.hpp), so
// that nodes are where they were.
//
// Memory: 24 bytes a parent. Errors: DataError for a model that knows no problems; FormatError for damaged chunks.
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
  // kept_levels: those whose parents are kept in any case; fewer than the model has (asserted).
  explicit SolvedParents(XrLinearModel model, std::size_t kept_levels = 0);

  struct Found {
    ChunkView chunk;
    std::uint64_t problem;  // that it solves
  };
  // For a parent with so many children, to have weights of this type.
  std::optional<Found> find(std::size_t level, NodeId parent, std::uint32_t children, WeightType type,
                            std::uint64_t problem) const;

  const XrLinearModel& model() const { return model_; }
  std::size_t kept_levels() const { return kept_levels_; }
  // 16 hexadecimal digits that name what the kept levels solve.
  std::string kept_fingerprint() const;

 private:
  struct Place {
    std::uint64_t problem;
    std::uint32_t level;
    NodeId parent;
  };

  XrLinearModel model_;
  std::size_t kept_levels_;
  std::vector<std::span<const std::uint64_t>> problems_;  // of each level
  std::vector<Place> places_;                             // by problem
};

}  // namespace xmr
