#include "xmr/train/retrieval.hpp"

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xmr/io/json.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

// Groups in turn are in other slices, so few groups are, too.
class Slices {
 public:
  std::uint8_t of(std::uint64_t group) {
    return static_cast<std::uint8_t>(numbers_.try_emplace(group, numbers_.size()).first->second % kSlices);
  }

 private:
  std::unordered_map<std::uint64_t, std::size_t> numbers_;  // by group
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
  write_model(NpzWriter(bytes_), parts, built_in_margin(), Json::object());
  model_.emplace(RetrievalModel::open(NpzFile(MappedFile::of(bytes_.view(), "model in memory"))));
}

HeldRows hold_out(const RetrievalData& data, const RetrievalOptions& options, Parallel& parallel) {
  const RetrievalSplit split = split_rows(data, options.seed);
  HeldRows held{.queries = split.queries,
                .documents = split.documents,
                .folds = split.folds.size(),
                .cold_share = split.cold_share};
  Slices slices;
  for (const RetrievalFold& fold : split.folds) {
    // The vocabulary of a fold must not know its held-out rows: a query to come has unknown words.
    const std::vector<Row> rows = rows_with_labels(fold.y);
    StringTableBuilder texts;
    for (const Row row : rows)
      texts.add(data.texts[row]);
    const CsrMatrix y = select_rows(fold.y, rows);
    RetrievalData known = read_retrieval_data(data.names, texts.view(), y, parallel);
    const ModelInMemory of_fold(make_parts(known, y, options, parallel));
    std::vector<HeldRow> of_slices;
    for (const Row row : fold.held)
      of_slices.push_back({row, slices.of(split.group[row])});
    held.evidence.add(of_fold.model(), data.texts, data.y, of_slices, parallel);
  }
  return held;
}

HeldRows held_out(const RetrievalModel& model, const StringTable& texts, CsrView y, Parallel& parallel) {
  HeldRows held{.queries = y.rows};
  Slices slices;
  std::vector<HeldRow> rows;
  for (Row row = 0; row < y.rows; ++row)
    rows.push_back({row, slices.of(hash64(texts[row]))});
  held.evidence.add(model, texts, y, rows, parallel);
  return held;
}

}  // namespace xmr
