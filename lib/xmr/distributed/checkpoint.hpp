#pragma once
// Training that continues after a kill. The folder holds a plan of one part and files of finished pieces. The model
// equals an undisturbed run byte for byte.
//
//   Checkpoint checkpoint("ckpt", plan);                       // begins or continues
//   MergedLevels merged = checkpoint.train(x, tree, train, trainer, parallel);
//   write_model(..., merged.chunks()); checkpoint.remove();
//
// A file is written when its pieces have 64 MiB, when a quarter of the time so far has passed since the last file (0.2
// to 30 seconds), and when the run is interrupted. A kill costs the pieces in work and the pieces since the last file.
// Chunks stay in the files: memory holds the chunks of one file. Errors: DataError if another run uses the folder, if
// the inputs or options differ (with the first difference), or if the folder holds other files; FormatError if a file
// is damaged; IoError. Thread rule: one thread.

#include <cstddef>
#include <string>
#include <vector>

#include "xmr/distributed/merged_levels.hpp"
#include "xmr/distributed/train_plan.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/io/locked_folder.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/train/trainer.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class Checkpoint {
 public:
  // The finished chunks in memory at a time, in bytes.
  static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

  // `plan` has one part.
  Checkpoint(const std::string& folder, TrainPlan plan);

  // The number of finished pieces found in the folder.
  std::size_t pieces_found() const { return pieces_found_; }
  // Trains all stages of the plan. The first three arguments must be the ones that `trainer` was made from.
  MergedLevels train(CsrView x, const LabelTree& tree, const TrainOptions& options, XrLinearTrainer& trainer,
                     Parallel& parallel);
  // Removes the files of the checkpoint, and the folder if it is then empty.
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
