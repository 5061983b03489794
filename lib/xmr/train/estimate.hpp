#pragma once
// What training would take, told by the sizes of its problems without solving one: to choose a machine, or settings
// that fit it.
//
//   memory   the formula of docs/xmr-train.md, "Memory", with the model's estimate in it
//   model    bytes for each node and feature of its positive rows; how many features these are follows from their
//            entries, if all features were as frequent
//   seconds  nanoseconds an entry that a pass over the rows of all problems visits, by threads
//
// The rates were measured with the defaults on the sets of docs/xmr-train.md (two processors of a Xeon with AVX-512);
// how far estimates were off stands there, too. A smaller threshold makes larger models, other machines other times.
// Cost: that of pushing Y up the tree, and a visit of the rows of each problem: some percent of training.
// Thread rule: pure function.

#include <cstdint>
#include <span>

#include "xmr/index/label_tree.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/train/trainer.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct TrainEstimate {
  std::uint64_t memory_bytes = 0;  // peak, X and Y among them
  std::uint64_t model_bytes = 0;   // tree and weights; vectorizer and names come on top
  double seconds = 0;
};

// What one thread holds for a parent with so many rows that have so many entries (parent_rows.hpp, lane_solver.hpp).
std::uint64_t bytes_of_parent(CsrView x, std::uint64_t rows, std::uint64_t entries);
// Different features of the positive rows of nodes, summed over nodes: about as many weights as they keep, or more.
double features_of(CsrView x, std::span<const std::span<const std::uint32_t>> positives);
// What the thread holds beside that while it makes a chunk of weights of so many features.
std::uint64_t bytes_of_collecting(double features);
std::uint64_t bytes_of_chunk(double features, WeightType type);

// x, y and tree must fit each other.
TrainEstimate estimate_training(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                                Parallel& parallel);

}  // namespace xmr
