#pragma once
// A 64-bit hash of the problem that a parent's chunk solves. Equal problems have equal hashes and equal chunks.
// Different problems have equal hashes with probability 2^-64. A model records the hashes of its parents
// (docs/formats.md, "Model"), so that they need not be solved again. The hash includes the version of the tools.
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
  // Adds the indices of some of the rows among the rows; both increase.
  ProblemHash& add_places(std::span<const std::uint32_t> some, std::span<const std::uint32_t> rows);
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_;
};

// Returns the hash of the content of each row with a flag, 0 for others. Reads only rows with a flag.
std::vector<std::uint64_t> hash_rows(CsrView x, const std::vector<bool>& rows, Parallel& parallel);

}  // namespace xmr
