#include "xmr/predict/batch.hpp"

#include <algorithm>

#include "xmr/util/error.hpp"

namespace xmr {

namespace {

// Fewer rows are ranked by one thread: waking threads takes longer than ranking them.
constexpr std::size_t kFewRows = 16;

// The number of groups a thread, if there are several threads. More groups let the threads end together.
constexpr std::size_t kGroupsPerThread = 2;

}  // namespace

BatchPredictor::BatchPredictor(const MakeRanker& make, Parallel& parallel) : parallel_(parallel) {
  for (unsigned worker = 0; worker < parallel.threads(); ++worker)
    workers_.push_back({make(), CsrMatrix(), {}, {}});
  const Ranker& ranker = *workers_.front().ranker;
  labels_ = ranker.labels();
  const std::size_t answers = std::max<std::size_t>(1, std::min<std::size_t>(ranker.k(), labels_));
  largest_group_ = std::clamp<std::size_t>(kGroupBytes / ranker.query_memory(), 1, kGroupRows);
  round_rows_ = std::max(parallel.threads() * largest_group_, kRoundAnswers / answers);
}

void BatchPredictor::operator()(Row count, const Instance& instance, const Deliver& deliver) {
  std::vector<Ranked> ranked;
  for (Row start = 0; start < count; start += round_rows_) {
    if (parallel_.observer().cancelled()) throw Interrupted();
    const std::size_t rows = std::min<std::size_t>(round_rows_, count - start);
    const std::size_t share = parallel_.threads() == 1 ? rows : rows / (kGroupsPerThread * parallel_.threads());
    const std::size_t group = std::min(largest_group_, std::max(kFewRows, share));
    ranked.assign((rows + group - 1) / group, {CsrMatrix(labels_), {}});
    const auto rank_group = [&](std::size_t begin, std::size_t end, unsigned worker) {
      rank(start + begin, start + end, instance, worker, ranked[begin / group]);
    };
    if (rows <= group)
      rank_group(0, rows, 0);
    else
      parallel_.for_blocks(rows, group, rank_group);
    for (const auto& [answers, keys] : ranked)
      deliver(answers, keys);
  }
}

void BatchPredictor::rank(Row begin, Row end, const Instance& instance, unsigned worker, Ranked& ranked) {
  auto& [ranker, features, texts, queries] = workers_[worker];
  features.clear();
  texts.clear();
  queries.clear();
  std::vector<bool> is_absent(end - begin);
  for (Row row = begin; row < end; ++row) {
    const std::optional<Query> query = instance(row, worker);
    is_absent[row - begin] = !query;
    if (!query) continue;
    features.append_row(query->features);
    texts.append(query->previous).append(query->prefix).append(query->text);
    for (const std::string_view earlier : query->earlier)
      texts.append(earlier);
    queries.push_back(*query);
  }
  std::string_view behind = texts;
  const auto take = [&behind](std::string_view& text) {
    text = behind.substr(0, text.size());
    behind.remove_prefix(text.size());
  };
  for (Row row = 0; row < queries.size(); ++row) {
    queries[row].features = features.view().row(row);
    take(queries[row].previous);
    take(queries[row].prefix);
    take(queries[row].text);
    for (std::string_view& earlier : queries[row].earlier)
      take(earlier);
  }
  const CsrView answers = ranker->rank(queries);
  Row answered = 0;
  for (Row row = begin; row < end; ++row)
    ranked.answers.append_row(is_absent[row - begin] ? SparseRow{} : answers.row(answered++));
  ranked.keys.assign(ranker->keys().begin(), ranker->keys().end());
  parallel_.observer().advance(end - begin);
}

}  // namespace xmr
