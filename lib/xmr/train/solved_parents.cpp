#include "xmr/train/solved_parents.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

SolvedParents::SolvedParents(XrLinearModel model, std::size_t kept_levels)
    : model_(std::move(model)), kept_levels_(kept_levels) {
  assert(kept_levels == 0 || kept_levels < model_.tree().depth());
  for (std::uint32_t level = 0; level < model_.tree().depth(); ++level) {
    const std::span<const std::uint64_t> problems = problems_.emplace_back(model_.problems(level));
    if (problems.empty())
      throw DataError(model_.name(),
                      "does not know which problems it solves: it was imported, cut, or trained by an older version",
                      "a model that xmr-train makes now does");
    for (NodeId parent = 0; parent < problems.size(); ++parent)
      places_.push_back({problems[parent], level, parent});
  }
  std::ranges::stable_sort(places_, {}, &Place::problem);
}

std::optional<SolvedParents::Found> SolvedParents::find(std::size_t level, NodeId parent, std::uint32_t children,
                                                        WeightType type, std::uint64_t problem) const {
  if (level < kept_levels_ && parent < model_.tree().parents(level)) {
    const ChunkView chunk = model_.chunk(level, parent);
    if (chunk.children() == children && chunk.type() == type) return Found{chunk, problems_[level][parent]};
  }
  const auto place = std::ranges::lower_bound(places_, problem, {}, &Place::problem);
  if (place == places_.end() || place->problem != problem) return std::nullopt;
  const ChunkView chunk = model_.chunk(place->level, place->parent);
  // Equal problems have both, but the file may be forged.
  if (chunk.children() != children || chunk.type() != type) return std::nullopt;
  return Found{chunk, problem};
}

std::string SolvedParents::kept_fingerprint() const {
  Fingerprint print;
  for (std::size_t level = 0; level < kept_levels_; ++level)
    print.add(problems_[level]);
  return print.hex();
}

}  // namespace xmr
