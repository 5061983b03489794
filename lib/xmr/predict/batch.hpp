#pragma once
// Many rows on several threads: groups of rows are ranked in parallel, the answers come out in row order and are the
// same as those of single queries, for any number of threads.
//
//   BatchPredictor predict([&] { return model->ranker({.k = 10}); }, parallel);
//   predict(x.rows, [&](Row r, unsigned) { return Query{x.row(r)}; },
//           [&](CsrView ranked, std::span<const RankKeys> keys) { writer.write(ranked, keys); });
//
// A ranker gets a group of rows at once: the larger the group, the less often a tree's weights come from memory (see
// beam_search.hpp). Memory: a thread holds a group, kGroupRows rows or fewer, so that they take at most kGroupBytes
// beside one row's share; the answers of one round of groups, at most kRoundAnswers of 8 bytes each (or one group a
// thread, if that is more). Errors: those of the search, of `instance` and of `deliver`; Interrupted.
// Thread rule: one call at a time.

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
  static constexpr std::size_t kGroupRows = 4096;
  static constexpr std::size_t kGroupBytes = std::size_t{16} << 20;
  static constexpr std::size_t kRoundAnswers = std::size_t{1} << 20;

  // `make` is called once for each thread of `parallel`.
  BatchPredictor(const MakeRanker& make, Parallel& parallel);

  // The query of a row, or nothing for a row that shall have no answers; called once a row, by thread `worker`;
  // valid until that thread's next call.
  using Instance = std::function<std::optional<Query>(Row row, unsigned worker)>;
  // The answers of the next rows, in rank order, and what they were ranked by, if rankers tell; called by the thread
  // that entered the predictor.
  using Deliver = std::function<void(CsrView ranked, std::span<const RankKeys> keys)>;

  bool tells_keys() const { return workers_.front().ranker->tells_keys(); }

  // Ranks rows 0..count-1.
  void operator()(Row count, const Instance& instance, const Deliver& deliver);

 private:
  // What a thread works with.
  struct Worker {
    std::unique_ptr<Ranker> ranker;
    // Of the group's rows, which the queries refer to.
    CsrMatrix features;
    std::string texts;
    std::vector<Query> queries;
  };
  // Of a group.
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
