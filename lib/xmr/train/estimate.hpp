#pragma once
// Estimates the memory, the model size and the time of training. Sizes of the problems give their relative costs
// (cost_model.hpp); random pieces of each level are trained for a given time and give the bytes of a weight and the
// nanoseconds of a unit of cost. A level whose pieces are too large takes the ratios of the level below. Matcher-aware
// negatives are left out of the sample and multiply the time. Cost: pushing Y up the tree, a visit of the rows of each
// problem, and the sample. Errors: as XrLinearTrainer. Thread rule: one call at a time.

#include <cstdint>

#include "xmr/index/label_tree.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/train/trainer.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct TrainEstimate {
  std::uint64_t memory_bytes = 0;  // peak, X and Y included
  std::uint64_t model_bytes = 0;   // tree and weights, without vectorizer and names
  double seconds = 0;
};

// Trains a sample for about `sample_seconds` of each thread; 0: the constants of cost_model.hpp instead of a sample.
TrainEstimate estimate_training(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                                Parallel& parallel, double sample_seconds);

}  // namespace xmr
