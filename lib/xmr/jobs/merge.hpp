#pragma once
// Parts become a model again, or the levels above a stage: the bytes are those that one process would have made.
//
//   MergedLevels merged(plan, tree, read_parts(plan, paths, plan.stages()), plan.stages(), parallel);
//   write_model(NpzWriter("model.npz"), {.levels = merged.chunks(), ...});
//
// Chunks stay where they are, in the mapped parts; those of parents that were split are joined in memory.
// Cost: reads every byte of the parts once. Errors: FormatError and DataError, which name the part: damaged, of another
// plan, there twice, or missing. Thread rule: const methods from any thread.

#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/jobs/part.hpp"
#include "xmr/jobs/plan.hpp"
#include "xmr/model/chunk_table.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The parts of stages 0..stages-1, all of them and each once, in any order; those that have pieces are returned.
std::vector<TrainedPart> read_parts(const TrainPlan& plan, std::span<const std::string> paths, std::uint32_t stages);

class MergedLevels {
 public:
  // The levels of the first `stages` stages. DataError unless `parts` have each parent once.
  MergedLevels(const TrainPlan& plan, const LabelTree& tree, std::vector<TrainedPart> parts, std::uint32_t stages,
               Parallel& parallel);

  ChunkTable chunks() const { return ChunkTable(levels_); }
  std::span<const std::vector<std::uint64_t>> problems() const { return problems_; }  // of each level and parent
  const TrainCounts& counts() const { return counts_; }

 private:
  struct Entry {
    Piece piece;
    std::uint32_t part, place;  // which of the parts, and where in it
  };
  void add_parent(std::span<const Entry> entries, const LabelTree& tree, std::uint64_t features, std::mutex& mutex);

  std::vector<TrainedPart> parts_;
  std::deque<std::string> joined_;
  std::vector<std::vector<std::string_view>> levels_;
  std::vector<std::vector<std::uint64_t>> problems_;
  TrainCounts counts_;
};

}  // namespace xmr
