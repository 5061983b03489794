#include "xmr/featurize/corpus_features.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "xmr/io/ordered_blocks.hpp"

namespace xmr {

CorpusCounts count_corpus(const CorpusInput& input, VectorizerFit& fit, Parallel& parallel) {
  std::vector<RowReader> readers(parallel.threads(), RowReader(input.columns, input.invalid_utf8, fit.columns()));
  CorpusTotals totals(parallel.observer());
  const Phase phase(parallel.observer(), "count", 0, "rows");
  for (const std::string& path : input.paths) {
    LineBlocks blocks = open_corpus(input, path);
    for_blocks_in_order<BlockCounts>(
        blocks, parallel,
        [&](const LineBlock& block, BlockCounts& counts, unsigned worker) {
          std::span<const std::string_view> texts;
          read_rows(
              block, blocks.name(), input.skip_bad_rows, counts,
              [&](LinePlace place, std::string_view line) { texts = readers[worker].read(place, line); },
              [&] { fit.add(texts, worker); });
        },
        [&](const BlockCounts& counts) { totals.add(counts); });
  }
  return totals.finish(input);
}

LearntCorpus fit_corpus(const CorpusInput& input, const VectorizerOptions& options, Parallel& parallel) {
  VectorizerFit fit(options, parallel.threads());
  const CorpusCounts counts = count_corpus(input, fit, parallel);
  const Phase phase(parallel.observer(), "merge", 0, "n-grams");
  return {fit.finish(parallel), counts};
}

namespace {

// A matrix that grows.
struct Rows {
  std::vector<Offset> indptr{0};
  std::vector<std::uint32_t> indices;
  std::vector<float> values;

  void reserve(std::size_t entries) {
    indices.reserve(entries);
    values.reserve(entries);
  }
  void end_row() { indptr.push_back(indices.size()); }
  CsrMatrix matrix(std::uint64_t cols) && { return {cols, std::move(indptr), std::move(indices), std::move(values)}; }
};

// The state of one thread that turns lines into rows.
struct Featurizer {
  RowReader reader;
  Vectorizer::Scratch scratch;
  std::vector<WeightedLabel> labels;
  double density = 0;  // entries a byte of text so far

  void add_row(SparseRow row, Rows& x, Rows& y) const {
    x.indices.insert(x.indices.end(), row.indices.begin(), row.indices.end());
    x.values.insert(x.values.end(), row.values.begin(), row.values.end());
    x.end_row();
    for (const WeightedLabel& label : labels) {
      y.indices.push_back(label.label);
      y.values.push_back(label.weight);
    }
    y.end_row();
  }
};

struct FeaturizedBlock {
  BlockCounts counts;
  CsrMatrix x, y;
  std::vector<std::pair<std::uint64_t, std::string>> ids;  // with their lines
};

}  // namespace

CorpusFeatures featurize_corpus(const CorpusInput& input, const Vectorizer& vectorizer, const LabelColumn* labels,
                                Parallel& parallel, RowIds* ids) {
  std::vector<std::string> wanted = vectorizer.columns();
  const std::size_t texts = wanted.size();
  const bool is_weighted = labels != nullptr && input.columns.has("weight");
  const bool is_single = input.columns.has("label") && !input.columns.has("labels");
  if (labels != nullptr) wanted.emplace_back(is_single ? "label" : "labels");
  if (is_weighted) wanted.emplace_back("weight");
  if (ids != nullptr) wanted.emplace_back("id");
  std::vector<Featurizer> workers;
  for (unsigned i = 0; i < parallel.threads(); ++i)
    workers.push_back({RowReader(input.columns, input.invalid_utf8, wanted), {}, {}, 0});

  const auto featurize = [&](const LineBlock& block, const std::string& file, FeaturizedBlock& result,
                             unsigned number) {
    Featurizer& worker = workers[number];
    Rows x, y;
    // Memory that is reserved but not used costs nothing; growing would copy.
    const auto bytes = static_cast<double>(block.text.size());
    x.reserve(static_cast<std::size_t>(bytes * worker.density * 1.5));
    std::span<const std::string_view> fields;
    std::uint64_t number_of_line = 0;
    result.ids.clear();
    read_rows(
        block, file, input.skip_bad_rows, result.counts,
        [&](LinePlace place, std::string_view line) {
          fields = worker.reader.read(place, line);
          number_of_line = place.line;
          if (labels != nullptr && is_single) labels->parse_single(place, fields[texts], worker.labels);
          if (labels != nullptr && !is_single) labels->parse(place, fields[texts], worker.labels);
          if (is_weighted) weigh(place, fields[texts + 1], worker.labels);
        },
        [&] {
          worker.add_row(vectorizer.apply(fields.first(texts), worker.scratch), x, y);
          if (ids != nullptr) result.ids.emplace_back(number_of_line, fields.back());
        });
    worker.density = std::max(worker.density, static_cast<double>(x.indices.size()) / bytes);
    result.x = std::move(x).matrix(vectorizer.features());
    result.y = std::move(y).matrix(0);
  };

  CorpusFeatures all;
  CorpusTotals totals(parallel.observer());
  const Phase phase(parallel.observer(), "featurize", 0, "rows");
  for (const std::string& path : input.paths) {
    LineBlocks blocks = open_corpus(input, path);
    for_blocks_in_order<FeaturizedBlock>(
        blocks, parallel,
        [&](const LineBlock& block, FeaturizedBlock& result, unsigned worker) {
          featurize(block, blocks.name(), result, worker);
        },
        [&](FeaturizedBlock& result) {
          totals.add(result.counts);
          all.x.push_back(std::move(result.x));
          for (const auto& [line, id] : result.ids)
            ids->add(id, blocks.name(), line);
          if (labels == nullptr) return;
          for (const std::uint32_t label : result.y.view().indices)
            all.labels = std::max(all.labels, std::uint64_t{label} + 1);
          all.y.push_back(std::move(result.y));
        });
  }
  all.counts = totals.finish(input);
  return all;
}

}  // namespace xmr
