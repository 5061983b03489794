#include "xmr/featurize/vectorizer_fit.hpp"

#include <algorithm>
#include <array>
#include <atomic>

#include "xmr/featurize/column_text.hpp"
#include "xmr/featurize/merge.hpp"
#include "xmr/featurize/vectorizer_state.hpp"

namespace xmr {
namespace {

// The counts of one worker.
struct Worker {
  Tokenizer tokenizer;
  std::vector<ColumnText> columns;
  WordCollector words;
  std::vector<GramCounter> blocks;     // by block; unused where hashed
  std::vector<std::uint32_t> buckets;  // of one row in one hashed block
  std::uint64_t rows = 0;

  explicit Worker(const VectorizerState& plan) : tokenizer(plan.options.tokenizer), columns(plan.columns.size()) {
    for (const VectorizerState::Block& block : plan.blocks) {
      columns[block.column].require(block.options);
      blocks.emplace_back(block.options.max_n);
    }
  }
};

// Counts each bucket of a row once; the counters are shared by all workers.
void count_buckets(const BlockOptions& options, const ColumnText& text, std::vector<std::uint32_t>& buckets,
                   std::vector<std::uint32_t>& rows) {
  buckets.clear();
  text.for_each_gram(options, [&](const Gram& gram) { buckets.push_back(bucket_of(gram.hash, options.hash_bits)); });
  std::ranges::sort(buckets);
  buckets.erase(std::unique(buckets.begin(), buckets.end()), buckets.end());
  for (const std::uint32_t bucket : buckets)
    std::atomic_ref(rows[bucket]).fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

struct VectorizerFit::State {
  VectorizerState plan;  // blocks and columns, without tables
  std::vector<Worker> workers;
  std::vector<std::vector<std::uint32_t>> bucket_rows;  // by block; empty unless it counts buckets

  explicit State(VectorizerOptions options) : plan(std::move(options)) {}

  MergedWords number_words_alike(Parallel& parallel);
  CountedGrams take(Parallel& parallel, std::size_t block, const RowBounds& bounds);
};

VectorizerFit::VectorizerFit(VectorizerOptions options, unsigned workers) {
  check(options);
  state_ = std::make_unique<State>(std::move(options));
  for (unsigned i = 0; i < workers; ++i)
    state_->workers.emplace_back(state_->plan);
  for (const BlockOptions& block : state_->plan.options.blocks)
    state_->bucket_rows.emplace_back(counts_buckets(block) ? std::size_t{1} << block.hash_bits : 0);
}
VectorizerFit::~VectorizerFit() = default;
VectorizerFit::VectorizerFit(VectorizerFit&&) noexcept = default;

const VectorizerOptions& VectorizerFit::options() const {
  return state_->plan.options;
}
const std::vector<std::string>& VectorizerFit::columns() const {
  return state_->plan.columns;
}

void VectorizerFit::add(std::span<const std::string_view> texts, unsigned number) {
  Worker& worker = state_->workers[number];
  require_countable(++worker.rows);
  const auto stamp = static_cast<std::uint32_t>(worker.rows);
  for (std::size_t i = 0; i < texts.size(); ++i)
    worker.columns[i].read(worker.tokenizer, texts[i], worker.words);
  for (std::size_t b = 0; b < worker.blocks.size(); ++b) {
    const VectorizerState::Block& block = state_->plan.blocks[b];
    const ColumnText& text = worker.columns[block.column];
    if (has_vocabulary(block.options)) {
      GramCounter& counter = worker.blocks[b];
      text.look_up_grams(block.options, counter,
                         [&](const Gram& gram, std::uint32_t likely) { counter.count(gram, likely, stamp); });
    } else if (counts_buckets(block.options)) {
      count_buckets(block.options, text, worker.buckets, state_->bucket_rows[b]);
    }
  }
}

// Renumbers the words of all workers in bytewise order.
MergedWords VectorizerFit::State::number_words_alike(Parallel& parallel) {
  std::vector<const WordCollector*> collectors;
  for (const Worker& worker : workers)
    collectors.push_back(&worker.words);
  MergedWords merged = merge_words(parallel, collectors);
  parallel.for_each(workers.size() * plan.blocks.size(), [&](std::size_t i, unsigned) {
    const std::size_t w = i / plan.blocks.size(), b = i % plan.blocks.size();
    const std::span<std::uint32_t> symbols = workers[w].blocks[b].finish();
    if (!has_words(plan.blocks[b].options)) return;
    for (std::uint32_t& symbol : symbols)
      if (symbol != kNoEntry) symbol = merged.positions[w][symbol];
  });
  merged.positions.clear();
  return merged;
}

CountedGrams VectorizerFit::State::take(Parallel& parallel, std::size_t block, const RowBounds& bounds) {
  const BlockOptions& options = plan.blocks[block].options;
  if (!has_vocabulary(options)) return {{}, std::move(bucket_rows[block])};
  std::vector<const GramCounter*> counters;
  for (const Worker& worker : workers)
    counters.push_back(&worker.blocks[block]);
  CountedGrams counted = sum_grams(parallel, counters, bounds);
  for (Worker& worker : workers)
    worker.blocks[block] = GramCounter(options.max_n);
  return counted;
}

TextCounts VectorizerFit::counts(Parallel& parallel) {
  TextCounts counts;
  for (const Worker& worker : state_->workers)
    counts.rows += worker.rows;
  require_countable(counts.rows);
  counts.words = std::move(state_->number_words_alike(parallel).words);
  counts.take = [this, &parallel](std::size_t block, const RowBounds& bounds) {
    return state_->take(parallel, block, bounds);
  };
  return counts;
}

Vectorizer VectorizerFit::finish(Parallel& parallel) {
  return learn(options(), counts(parallel), parallel);
}

}  // namespace xmr
