#pragma once
// Joins the parts of training into a model, or into the levels above a stage. The bytes are the same as from one
// process.
//
//   MergedLevels merged(plan, tree, read_parts(plan, paths, plan.stages()), plan.stages(), parallel);
//   write_model(NpzWriter("model.npz"), {.levels = merged.chunks(), ...});
//
// Chunks stay in the mapped parts. The chunks of a parent that was split are joined in memory. Cost: reads every byte
// of the parts once. Errors: FormatError if a part is damaged; DataError if a part belongs to another plan, is given
// twice or is missing. Thread rule: const methods from any thread.

#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "xmr/distributed/train_part.hpp"
#include "xmr/distributed/train_plan.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/model/chunk_table.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Opens the parts of stages 0..stages-1: all of them, each once, in any order. Returns the parts that have pieces.
std::vector<TrainedPart> read_parts(const TrainPlan& plan, std::span<const std::string> paths, std::uint32_t stages);

class MergedLevels {
 public:
  // Joins the levels of the first `stages` stages. Unless `parts` have each parent once, throws DataError.
  MergedLevels(const TrainPlan& plan, const LabelTree& tree, std::vector<TrainedPart> parts, std::uint32_t stages,
               Parallel& parallel);

  ChunkTable chunks() const { return ChunkTable(levels_); }
  std::span<const std::vector<std::uint64_t>> problems() const { return problems_; }  // [level][parent]
  const TrainCounts& counts() const { return counts_; }

 private:
  struct Entry {
    Piece piece;
    std::uint32_t part, place;  // indices of the part and of the piece in it
  };
  void add_parent(std::span<const Entry> entries, const LabelTree& tree, std::uint64_t features, std::mutex& mutex);

  std::vector<TrainedPart> parts_;
  std::deque<std::string> joined_;
  std::vector<std::vector<std::string_view>> levels_;
  std::vector<std::vector<std::uint64_t>> problems_;
  TrainCounts counts_;
};

}  // namespace xmr
