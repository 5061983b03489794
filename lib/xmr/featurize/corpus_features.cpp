#include "xmr/featurize/corpus_features.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/io/ordered_blocks.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1}
                                    << 18;  // small, so that all threads end a batch at about the same time

// Cuts a line into the columns that are wanted, in their order.
class RowReader {
 public:
  RowReader(const CorpusInput& input, const std::vector<std::string>& wanted)
      : columns_(input.columns),
        refuse_(input.invalid_utf8 == InvalidUtf8::refuse),
        fields_(columns_.size()),
        wanted_(wanted.size()) {
    for (const std::string& name : wanted)
      positions_.push_back(columns_.find(name));
  }

  std::span<const std::string_view> read(LinePlace place, std::string_view line) {
    columns_.split(place, line, fields_);
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      wanted_[i] = fields_[positions_[i]];
      if (refuse_) require_utf8(place, wanted_[i]);
    }
    return wanted_;
  }

 private:
  const CorpusColumns& columns_;
  bool refuse_;
  std::vector<std::size_t> positions_;
  std::vector<std::string_view> fields_, wanted_;
};

LineBlocks open_corpus(const std::string& path) {
  InputFile input(path);
  const FileKind kind = recognize(input.peek(64));
  if (kind == FileKind::npz || kind == FileKind::npy)
    throw DataError(input.name(), "is an array file; a corpus is text, one instance a line");
  return LineBlocks(std::move(input), Delivery::full_blocks, kBlockBytes);
}

// How many rows of a block were read, and how many not.
struct BlockCounts {
  std::uint64_t rows = 0, bad_rows = 0, bytes = 0;
  std::string first_bad_row;
};

// For each line of a block: read(place, line), which throws DataError for a bad row, then use().
template <class Read, class Use>
void read_rows(const LineBlock& block, const std::string& file, bool skip_bad_rows, BlockCounts& counts, Read&& read,
               Use&& use) {
  counts = {0, 0, block.text.size(), {}};
  for (const Line line : block) {
    try {
      read(LinePlace{file, line.number}, line.text);
    } catch (const DataError& error) {
      if (!skip_bad_rows) throw;
      if (counts.bad_rows++ == 0) counts.first_bad_row = error.what();
      continue;
    }
    use();
    ++counts.rows;
  }
}

// Sums over blocks, and what is said of them.
class Totals {
 public:
  explicit Totals(Observer& observer) : observer_(observer) {}

  void add(const BlockCounts& counts) {
    if (counts_.skipped_rows == 0) first_bad_row_ = counts.first_bad_row;
    counts_.rows += counts.rows;
    counts_.skipped_rows += counts.bad_rows;
    counts_.bytes += counts.bytes;
    observer_.advance(counts.rows);
  }
  CorpusCounts finish(const CorpusInput& input) const {
    if (counts_.skipped_rows > 0)
      observer_.warn(fmt::format("{} bad rows left out, the first: {}", counts_.skipped_rows, first_bad_row_));
    const std::string& file = input.paths.front() == "-" ? "<stdin>" : input.paths.front();
    if (counts_.rows == 0) throw DataError(file, "has no row, at least one is needed");
    return counts_;
  }

 private:
  Observer& observer_;
  CorpusCounts counts_;
  std::string first_bad_row_;
};

}  // namespace

LearntCorpus fit_corpus(const CorpusInput& input, const VectorizerOptions& options, Parallel& parallel) {
  VectorizerFit fit(options, parallel.threads());
  std::vector<RowReader> readers(parallel.threads(), RowReader(input, fit.columns()));
  Totals totals(parallel.observer());
  {
    const Phase phase(parallel.observer(), "count", 0, "rows");
    for (const std::string& path : input.paths) {
      LineBlocks blocks = open_corpus(path);
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
  }
  const CorpusCounts counts = totals.finish(input);
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

// What one thread needs to turn lines into rows.
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
};

}  // namespace

CorpusFeatures featurize_corpus(const CorpusInput& input, const Vectorizer& vectorizer, const LabelColumn* labels,
                                Parallel& parallel) {
  std::vector<std::string> wanted = vectorizer.columns();
  if (labels != nullptr) wanted.emplace_back("labels");
  std::vector<Featurizer> workers;
  for (unsigned i = 0; i < parallel.threads(); ++i)
    workers.push_back({RowReader(input, wanted), {}, {}, 0});

  const auto featurize = [&](const LineBlock& block, const std::string& file, FeaturizedBlock& result,
                             unsigned number) {
    Featurizer& worker = workers[number];
    Rows x, y;
    // Memory that is reserved but not used costs nothing; growing would copy.
    const auto bytes = static_cast<double>(block.text.size());
    x.reserve(static_cast<std::size_t>(bytes * worker.density * 1.5));
    std::span<const std::string_view> fields;
    read_rows(
        block, file, input.skip_bad_rows, result.counts,
        [&](LinePlace place, std::string_view line) {
          fields = worker.reader.read(place, line);
          if (labels != nullptr) labels->parse(place, fields.back(), worker.labels);
        },
        [&] { worker.add_row(vectorizer.apply(fields.first(vectorizer.columns().size()), worker.scratch), x, y); });
    worker.density = std::max(worker.density, static_cast<double>(x.indices.size()) / bytes);
    result.x = std::move(x).matrix(vectorizer.features());
    result.y = std::move(y).matrix(0);
  };

  CorpusFeatures all;
  Totals totals(parallel.observer());
  const Phase phase(parallel.observer(), "featurize", 0, "rows");
  for (const std::string& path : input.paths) {
    LineBlocks blocks = open_corpus(path);
    for_blocks_in_order<FeaturizedBlock>(
        blocks, parallel,
        [&](const LineBlock& block, FeaturizedBlock& result, unsigned worker) {
          featurize(block, blocks.name(), result, worker);
        },
        [&](FeaturizedBlock& result) {
          totals.add(result.counts);
          all.x.push_back(std::move(result.x));
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
