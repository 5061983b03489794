#pragma once
// Estimates the memory, the model size and the time of training from the sizes of its problems (cost_model.hpp),
// without solving one. docs/xmr-train.md compares estimates with measurements. A smaller threshold makes a larger
// model. Cost: pushing Y up the tree and a visit of the rows of each problem, some percent of training. Thread rule:
// pure function.

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

// x, y and tree must fit each other.
TrainEstimate estimate_training(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                                Parallel& parallel);

}  // namespace xmr
