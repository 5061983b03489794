#include "xmr/train/retrieval.hpp"

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

// Shares of the parts in 20ths: each 20 groups in turn are split like this, so few groups are, too.
constexpr std::size_t kCycle = 20, kFitted = 13, kStopping = 3, kStride = 7;

class RowsOfParts {
 public:
  void push(Row row, std::uint64_t group) {
    const std::size_t number = numbers_.try_emplace(group, numbers_.size()).first->second;
    const std::size_t place = number * kStride % kCycle;
    (place < kFitted ? fitted_ : place < kFitted + kStopping ? stopping_ : guard_).push_back(row);
  }
  void add_to(HeldParts& parts, const RetrievalModel& model, const StringTable& texts, CsrView y, Parallel& parallel) {
    parts.fitted.add(model, texts, y, fitted_, parallel);
    parts.stopping.add(model, texts, y, stopping_, parallel);
    parts.guard.add(model, texts, y, guard_, parallel);
    fitted_.clear();
    stopping_.clear();
    guard_.clear();
  }

 private:
  std::unordered_map<std::uint64_t, std::size_t> numbers_;  // by group
  std::vector<Row> fitted_, stopping_, guard_;
};

}  // namespace

ModelInMemory::ModelInMemory(const RetrievalParts& parts) {
  // Trees and postings have nearly all bytes of a model.
  std::uint64_t size = 0;
  for (const AlignedBytes& tree : parts.trees)
    size += tree.view().size();
  for (const auto& lexical : {&parts.words, &parts.grams})
    if (*lexical) size += (*lexical)->view().size();
  if (parts.neighbours) size += parts.neighbours->rows.postings.size() * sizeof(Posting);
  bytes_.reserve(size + size / 4);
  write_model(NpzWriter(bytes_), parts, built_in_margin(), nlohmann::ordered_json::object());
  model_.emplace(RetrievalModel::open(NpzFile(MappedFile::of(bytes_.view(), "model in memory"))));
}

HeldRows hold_out(const RetrievalData& data, const RetrievalOptions& options, Parallel& parallel) {
  const RetrievalSplit split = split_rows(data, options.seed);
  HeldRows held{.queries = split.queries,
                .documents = split.documents,
                .folds = split.folds.size(),
                .cold_share = split.cold_share};
  RowsOfParts rows_of_parts;
  for (const RetrievalFold& fold : split.folds) {
    // The vocabulary of a fold must not know its held-out rows: a query to come has unknown words.
    const std::vector<Row> rows = rows_with_labels(fold.y);
    StringTableBuilder texts;
    for (const Row row : rows)
      texts.add(data.texts[row]);
    const CsrMatrix y = select_rows(fold.y, rows);
    const RetrievalData known = read_retrieval_data(data.names, texts.view(), y, parallel);
    const ModelInMemory of_fold(make_parts(known, y, options, parallel));
    for (const Row row : fold.held)
      rows_of_parts.push(row, split.group[row]);
    rows_of_parts.add_to(held.parts, of_fold.model(), data.texts, data.y, parallel);
  }
  return held;
}

HeldRows held_out(const RetrievalModel& model, const StringTable& texts, CsrView y, Parallel& parallel) {
  HeldRows held{.queries = y.rows};
  RowsOfParts rows_of_parts;
  for (Row row = 0; row < y.rows; ++row)
    rows_of_parts.push(row, hash64(texts[row]));
  rows_of_parts.add_to(held.parts, model, texts, y, parallel);
  return held;
}

}  // namespace xmr
