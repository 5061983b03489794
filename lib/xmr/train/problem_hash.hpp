#pragma once
// A 64-bit name of the problem that a parent's chunk is the solution of: equal problems give equal chunks, and others
// have, but for one in 2^64, other names. A model records those of its parents (docs/formats.md, "Model"), and so tells
// which of them need not be solved again. The version of the tools counts, because others may solve otherwise.
//
//   ProblemHash hash(solver, keep, seed);   hash.add(...).add_places(positives, rows);   hash.value()
//
// Cost: some nanoseconds a number. Thread rule: one thread at a time per object; hash_rows() is a pure function.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/train/kept_weights.hpp"
#include "xmr/train/lane_solver.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class ProblemHash {
 public:
  ProblemHash(const SolverOptions& solver, const KeepOptions& keep, std::uint64_t seed);

  ProblemHash& add(std::uint64_t number);
  // Where some of the rows stand among the rows; both increase.
  ProblemHash& add_places(std::span<const std::uint32_t> some, std::span<const std::uint32_t> rows);
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_;
};

// Of the content of each row that has a flag; 0 for the others, which are not looked at.
std::vector<std::uint64_t> hash_rows(CsrView x, const std::vector<bool>& rows, Parallel& parallel);

}  // namespace xmr
