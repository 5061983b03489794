#include "xmr/train/retrieval.hpp"

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/hash.hpp"
#include "xmr/util/random.hpp"

namespace xmr {
namespace {

constexpr double kGuardShare = 0.25;  // of the groups

}  // namespace

ModelInMemory::ModelInMemory(const RetrievalParts& parts) {
  write_model(NpzWriter(bytes_), parts, built_in_margin(), nlohmann::ordered_json::object());
  model_.emplace(RetrievalModel::open(NpzFile(MappedFile::of(bytes_.view(), "model in memory"))));
}

HeldRows hold_out(const RetrievalData& data, const RetrievalOptions& options, Parallel& parallel) {
  const RetrievalSplit split = split_rows(data, options.seed);
  HeldRows held{.queries = split.queries,
                .documents = split.documents,
                .folds = split.folds.size(),
                .cold_share = split.cold_share};
  for (const RetrievalFold& fold : split.folds) {
    // The vocabulary of a fold must not know its held-out rows: a query to come has unknown words.
    std::vector<Row> rows;
    for (Row row = 0; row < fold.y.view().rows; ++row)
      if (fold.y.view().row(row).size() > 0) rows.push_back(row);
    StringTableBuilder texts;
    for (const Row row : rows)
      texts.add(data.texts[row]);
    const CsrMatrix y = select_rows(fold.y, rows);
    const RetrievalData known = read_retrieval_data(data.names, texts.view(), y, parallel);
    const ModelInMemory of_fold(make_parts(known, y, options, parallel));
    std::vector<Row> fitted, guard;
    for (const Row row : fold.held)
      (Random(options.seed + 1, split.group[row]).uniform() < kGuardShare ? guard : fitted).push_back(row);
    held.fitted.add(of_fold.model(), data.texts, data.y, fitted, parallel);
    held.guard.add(of_fold.model(), data.texts, data.y, guard, parallel);
  }
  return held;
}

HeldRows held_out(const RetrievalModel& model, const StringTable& texts, CsrView y, std::uint64_t seed,
                  Parallel& parallel) {
  HeldRows held{.queries = y.rows};
  std::vector<Row> fitted, guard;
  for (Row row = 0; row < y.rows; ++row)
    (Random(seed + 1, hash64(texts[row])).uniform() < kGuardShare ? guard : fitted).push_back(row);
  held.fitted.add(model, texts, y, fitted, parallel);
  held.guard.add(model, texts, y, guard, parallel);
  return held;
}

}  // namespace xmr
