#pragma once
// Training that goes on where a killed run ended: a plan of one part in a folder, and beside it files of pieces,
// written as they get done. The model is, byte for byte, that of an undisturbed run.
//
//   Checkpoint checkpoint("ckpt", plan);                       // begins, or goes on
//   MergedLevels merged = checkpoint.train(x, tree, train, trainer, parallel);
//   write_model(..., merged.chunks()); checkpoint.remove();
//
// A file is written when its pieces have 64 MiB, when a quarter of the time so far has passed since the last one (0.2
// to 30 seconds), and when the run is interrupted: a kill costs the pieces in work and those since then. The chunks
// stay in the files, so that memory holds those of one file alone. Errors: DataError for a folder that another run
// uses, with what differs if it was begun with other inputs or options, or that holds other files; FormatError for a
// damaged piece; IoError. Thread rule: one thread.

#include <cstddef>
#include <string>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/io/locked_folder.hpp"
#include "xmr/jobs/merge.hpp"
#include "xmr/jobs/plan.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/train/trainer.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class Checkpoint {
 public:
  // Chunks that are in memory at a time, beside those that are just being made.
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20;

  // `plan` has one part.
  Checkpoint(const std::string& folder, TrainPlan plan);

  // Pieces that were done before.
  std::size_t pieces_found() const { return pieces_found_; }
  // What the trainer was made from, once more; all of the plan's stages.
  MergedLevels train(CsrView x, const LabelTree& tree, const TrainOptions& options, XrLinearTrainer& trainer,
                     Parallel& parallel);
  // Its files, and the folder if nothing else is in it.
  void remove() const;

 private:
  class Writer;
  std::vector<TrainedPart> parts(std::uint32_t stages) const;
  void check() const;

  LockedFolder folder_;
  TrainPlan plan_;
  std::vector<std::string> files_;  // of pieces
  std::size_t pieces_found_ = 0;
};

}  // namespace xmr
