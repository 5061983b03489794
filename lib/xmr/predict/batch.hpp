#pragma once
// Ranks many rows on several threads, in groups of rows. The answers are in row order and equal single queries, for any
// number of threads.
//
//   BatchPredictor predict([&] { return model->ranker({.k = 10}); }, parallel);
//   predict(x.rows, [&](Row r, unsigned) { return Query{x.row(r)}; },
//           [&](CsrView ranked, std::span<const RankKeys> keys) { writer.write(ranked, keys); });
//
// A ranker gets a group of rows at once. The larger the group, the less often the weights of a tree come from memory
// (beam_search.hpp). Memory: a group a thread, at most kGroupRows rows and kGroupBytes (or one row, if larger); the
// answers of one round of groups, at most kRoundAnswers of 8 bytes (or one group a thread, if larger). Errors: as the
// search, `instance` and `deliver`; Interrupted. Thread rule: one call at a time.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/predict/ranker.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class BatchPredictor {
 public:
  static constexpr std::size_t kGroupRows = 16384;
  static constexpr std::size_t kGroupBytes = std::size_t{64} << 20;
  static constexpr std::size_t kRoundAnswers = std::size_t{1} << 20;

  // Calls `make` once for each thread of `parallel`.
  BatchPredictor(const MakeRanker& make, Parallel& parallel);

  // Returns the query of a row; absent: the row gets no answers. Called once a row, by thread `worker`. The query is
  // valid until the next call of the same thread.
  using Instance = std::function<std::optional<Query>(Row row, unsigned worker)>;
  // Takes the answers of the next rows, in rank order, and their rank keys if tells_keys(). Called by the thread of
  // operator().
  using Deliver = std::function<void(CsrView ranked, std::span<const RankKeys> keys)>;

  bool tells_keys() const { return workers_.front().ranker->tells_keys(); }

  // Ranks rows 0..count-1.
  void operator()(Row count, const Instance& instance, const Deliver& deliver);

 private:
  // The memory of a thread.
  struct Worker {
    std::unique_ptr<Ranker> ranker;
    // The rows of the group. The queries refer to them.
    CsrMatrix features;
    std::string texts;
    std::vector<Query> queries;
  };
  // The answers of a group.
  struct Ranked {
    CsrMatrix answers;
    std::vector<RankKeys> keys;
  };
  void rank(Row begin, Row end, const Instance& instance, unsigned worker, Ranked& ranked);

  Parallel& parallel_;
  std::uint64_t labels_;
  std::vector<Worker> workers_;
  std::size_t largest_group_;  // in rows
  std::size_t round_rows_;
};

}  // namespace xmr
