#include "xmr/train/problem_hash.hpp"

#include <algorithm>
#include <bit>

#include "xmr/io/npz_file.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

ProblemHash::ProblemHash(const SolverOptions& solver, const KeepOptions& keep, std::uint64_t seed)
    : state_(hash64(version())) {
  for (const float number :
       {solver.cost_positive, solver.cost_negative, solver.bias, solver.eps, keep.threshold, keep.threshold_negative})
    add(std::bit_cast<std::uint32_t>(number));
  add(static_cast<std::uint64_t>(solver.loss)).add(solver.max_iterations);
  add(keep.top_weights).add(static_cast<std::uint64_t>(keep.type)).add(seed);
}

ProblemHash& ProblemHash::add(std::uint64_t number) {
  const std::uint64_t pair[] = {state_, number};
  state_ = hash64(std::span<const std::uint64_t>(pair));
  return *this;
}

ProblemHash& ProblemHash::add_places(std::span<const std::uint32_t> some, std::span<const std::uint32_t> rows) {
  add(some.size());
  auto row = rows.begin();
  for (const std::uint32_t id : some) {
    row = std::lower_bound(row, rows.end(), id);
    add(static_cast<std::uint64_t>(row - rows.begin()));
  }
  return *this;
}

std::vector<std::uint64_t> hash_rows(CsrView x, const std::vector<bool>& rows, Parallel& parallel) {
  constexpr std::size_t kBlock = 4096;
  std::vector<std::uint64_t> hashes(x.rows);
  parallel.for_blocks(x.rows, kBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t row = begin; row < end; ++row)
      if (rows[row]) hashes[row] = hash64(x.row(row).values, hash64(x.row(row).indices));
  });
  return hashes;
}

}  // namespace xmr
