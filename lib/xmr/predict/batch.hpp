#pragma once
// Many rows on several threads: blocks of rows are ranked in parallel, the answers come out in row order and are the
// same as those of single queries, for any number of threads.
//
//   BatchPredictor predict(model, options, parallel);
//   predict(x.rows, [&](Row r, unsigned) { return x.row(r); }, [&](CsrView ranked) { writer.write(ranked); });
//
// Memory: one BeamSearch a thread, and the answers of one round of blocks, at most kRoundAnswers of 8 bytes each (or
// one block a thread, if that is more). Errors: those of the search, of `instance` and of `deliver`; Interrupted.
// Thread rule: one call at a time.

#include <functional>
#include <optional>
#include <vector>

#include "xmr/predict/beam_search.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class BatchPredictor {
 public:
  static constexpr std::size_t kBlockRows = 16;
  static constexpr std::size_t kRoundAnswers = std::size_t{1} << 20;

  BatchPredictor(const XrLinearModel& model, const SearchOptions& options, Parallel& parallel);

  // The features of a row, or nothing for a row that shall have no answers; called once a row, by thread `worker`;
  // valid until that thread's next call.
  using Instance = std::function<std::optional<SparseRow>(Row row, unsigned worker)>;
  // The answers of the next rows, in rank order; called by the thread that entered the predictor.
  using Deliver = std::function<void(CsrView ranked)>;

  // Ranks rows 0..count-1.
  void operator()(Row count, const Instance& instance, const Deliver& deliver);

 private:
  std::uint64_t labels_;
  Parallel& parallel_;
  std::vector<BeamSearch> searches_;  // one a thread
  std::size_t round_blocks_;
};

}  // namespace xmr
