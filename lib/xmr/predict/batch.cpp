#include "xmr/predict/batch.hpp"

#include <algorithm>

#include "xmr/util/error.hpp"

namespace xmr {

BatchPredictor::BatchPredictor(const XrLinearModel& model, const SearchOptions& options, Parallel& parallel)
    : labels_(model.tree().label_count()),
      parallel_(parallel),
      searches_(parallel.threads(), BeamSearch(model, options)) {
  const std::size_t block_answers = kBlockRows * std::max<std::size_t>(1, std::min<std::size_t>(options.k, labels_));
  round_blocks_ = std::max<std::size_t>(parallel.threads(), kRoundAnswers / block_answers);
}

void BatchPredictor::operator()(Row count, const Instance& instance, const Deliver& deliver) {
  const std::size_t round_rows = round_blocks_ * kBlockRows;
  std::vector<CsrMatrix> ranked;
  for (Row start = 0; start < count; start += round_rows) {
    if (parallel_.observer().cancelled()) throw Interrupted();
    const std::size_t rows = std::min<std::size_t>(round_rows, count - start);
    ranked.assign((rows + kBlockRows - 1) / kBlockRows, CsrMatrix(labels_));
    const auto rank_block = [&](std::size_t begin, std::size_t end, unsigned worker) {
      CsrMatrix& block = ranked[begin / kBlockRows];
      for (Row row = start + begin; row < start + end; ++row) {
        const std::optional<SparseRow> features = instance(row, worker);
        block.append_row(features ? searches_[worker](*features) : SparseRow{});
      }
      parallel_.observer().advance(end - begin);
    };
    // A person or a program that sends line by line does not wait for threads to wake up.
    if (rows <= kBlockRows)
      rank_block(0, rows, 0);
    else
      parallel_.for_blocks(rows, kBlockRows, rank_block);
    for (const CsrMatrix& block : ranked)
      deliver(block);
  }
}

}  // namespace xmr
