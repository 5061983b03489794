#pragma once
// The figures of training in --stats, and its warnings.

#include "xmr/index/label_tree.hpp"
#include "xmr/train/trainer.hpp"

#include "common/tool.hpp"
#include "xmr-train/linear_inputs.hpp"

namespace xmr::tools {

void report_training(const TrainCounts& counts, const LabelTree& tree, const SolverOptions& solver, Run& run);
// Records how many parents were taken from the model of --init, if it was given.
void report_kept(const LinearInputs& in, const TrainCounts& counts, Run& run);
void report_seconds(const TrainSeconds& seconds, Run& run);

}  // namespace xmr::tools
