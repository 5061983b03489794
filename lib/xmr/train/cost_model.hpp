#pragma once
// The cost of training one parent, from the sizes of its rows alone: time for schedules and --estimate, memory for
// --memory and --estimate.
//
// Constants of memory are sizes of the structures that hold it; constants of time are measured, and stand beside their
// measurement in cost_model.cpp. Thread rule: pure functions. Cost: features_of() and the overload with rows visit the
// lengths of the rows.

#include <cstdint>
#include <span>

#include "xmr/model/chunk.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

// Returns true if a parent with so many of all rows is solved on X itself: a copy of its rows would be as large as X.
constexpr bool is_solved_in_place(std::uint64_t rows, std::uint64_t all_rows) {
  return rows > all_rows / 2;
}

// The number of entries of the given rows.
std::uint64_t entries_of(CsrView x, std::span<const std::uint32_t> rows);

// The time to solve `groups` groups of up to 16 children of a parent, in units that seconds_of_cost() converts.
std::uint64_t solve_cost(std::uint64_t rows, std::uint64_t entries, std::uint64_t groups);
std::uint64_t solve_cost(CsrView x, std::span<const std::uint32_t> rows, std::uint64_t groups);

// The seconds of one thread.
double seconds_of_cost(double cost);

// The bytes of one thread for a parent with so many rows and entries (parent_rows.hpp, lane_solver.hpp).
std::uint64_t bytes_of_parent(CsrView x, std::uint64_t rows, std::uint64_t entries);

// The expected number of different features among so many entries, if all features were equally frequent.
double distinct_features(CsrView x, std::uint64_t entries);

// The sum of distinct_features() over nodes with these positive rows: an upper estimate of the weights that they keep.
double features_of(CsrView x, std::span<const std::span<const std::uint32_t>> positives);

// The bytes of one thread, beside bytes_of_parent(), while it makes a chunk with weights of so many features.
std::uint64_t bytes_of_collecting(double features);

// The bytes of a chunk with weights of so many features.
std::uint64_t bytes_of_chunk(double features, WeightType type);

// The bytes of a chunk with so many weights of `children` children in `rows` rows, a row a feature. `features`: those
// of the model. The more weights a row has, the fewer bytes each takes.
double bytes_of_chunk(std::uint64_t features, std::uint32_t children, double rows, double weights, WeightType type);

}  // namespace xmr
