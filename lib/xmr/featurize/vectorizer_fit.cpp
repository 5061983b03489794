#include "xmr/featurize/vectorizer_fit.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>

#include "xmr/featurize/column_text.hpp"
#include "xmr/featurize/merge.hpp"
#include "xmr/featurize/vectorizer_state.hpp"
#include "xmr/featurize/weights.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kMaxRows = std::numeric_limits<std::uint32_t>::max();
constexpr const char* kTooManyRows = "more than 4294967295 rows; a sample of them is enough to learn from";

bool has_vocabulary(const BlockOptions& block) {
  return block.hash_bits == 0;
}
bool counts_words(const BlockOptions& block) {
  return block.kind == GramKind::word && has_vocabulary(block);
}
bool counts_buckets(const BlockOptions& block) {
  return !has_vocabulary(block) && block.idf != InverseDocumentFrequency::none;
}

// What one worker has counted.
struct Worker {
  Tokenizer tokenizer;
  std::vector<ColumnText> columns;
  WordCollector words;
  std::vector<GramCounter> blocks;     // by block; unused where hashed
  std::vector<std::uint32_t> buckets;  // of one row in one hashed block
  std::uint64_t rows = 0;

  explicit Worker(const VectorizerState& plan)
      : tokenizer(plan.options.tokens, plan.options.fold_case), columns(plan.columns.size()) {
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

GramBounds bounds_of(const BlockOptions& block, std::uint64_t rows) {
  const auto in_rows = [rows](const FrequencyBound& bound) {
    return bound.is_ratio ? bound.value * static_cast<double>(rows) : bound.value;
  };
  const auto whole = [](double value) {
    return static_cast<std::uint64_t>(std::clamp(value, 0.0, static_cast<double>(kMaxRows)));
  };
  GramBounds bounds{whole(std::ceil(in_rows(block.min_df))), whole(std::floor(in_rows(block.max_df)))};
  if (block.max_features != 0) bounds.most = block.max_features;
  return bounds;
}

}  // namespace

struct VectorizerFit::State {
  VectorizerState plan;  // blocks and columns, without tables
  std::vector<Worker> workers;
  std::vector<std::vector<std::uint32_t>> bucket_rows;  // by block; empty unless it counts buckets

  explicit State(VectorizerOptions options) : plan(std::move(options)) {}

  MergedWords number_words_alike(Parallel& parallel);
  RankedGrams rank(Parallel& parallel, std::size_t block, std::uint64_t rows);
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

const std::vector<std::string>& VectorizerFit::columns() const {
  return state_->plan.columns;
}

void VectorizerFit::add(std::span<const std::string_view> texts, unsigned number) {
  Worker& worker = state_->workers[number];
  if (worker.rows == kMaxRows) throw DataError(kTooManyRows);
  const auto stamp = static_cast<std::uint32_t>(++worker.rows);
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

// Each worker has numbered the words as it met them; from here on they are numbered in bytewise order.
MergedWords VectorizerFit::State::number_words_alike(Parallel& parallel) {
  std::vector<const WordCollector*> collectors;
  for (const Worker& worker : workers)
    collectors.push_back(&worker.words);
  MergedWords merged = merge_words(parallel, collectors);
  parallel.for_each(workers.size() * plan.blocks.size(), [&](std::size_t i, unsigned) {
    const std::size_t w = i / plan.blocks.size(), b = i % plan.blocks.size();
    const std::span<std::uint32_t> symbols = workers[w].blocks[b].finish();
    if (!counts_words(plan.blocks[b].options)) return;
    for (std::uint32_t& symbol : symbols)
      if (symbol != kNoEntry) symbol = merged.positions[w][symbol];
  });
  merged.positions.clear();
  return merged;
}

RankedGrams VectorizerFit::State::rank(Parallel& parallel, std::size_t block, std::uint64_t rows) {
  std::vector<const GramCounter*> counters;
  for (const Worker& worker : workers)
    counters.push_back(&worker.blocks[block]);
  RankedGrams ranked = rank_grams(parallel, counters, bounds_of(plan.blocks[block].options, rows));
  for (Worker& worker : workers)
    worker.blocks[block] = GramCounter(plan.blocks[block].options.max_n);
  return ranked;
}

Vectorizer VectorizerFit::finish(Parallel& parallel) {
  LearntTables learnt;
  for (const Worker& worker : state_->workers)
    learnt.rows += worker.rows;
  if (learnt.rows == 0) throw DataError("there is no instance to learn from");
  if (learnt.rows > kMaxRows) throw DataError(kTooManyRows);

  const MergedWords words = state_->number_words_alike(parallel);
  bool empty = true;
  for (std::size_t b = 0; b < state_->plan.blocks.size(); ++b) {
    const BlockOptions& options = state_->plan.blocks[b].options;
    LearntBlock& block = learnt.blocks.emplace_back();
    std::vector<std::uint32_t> rows = std::move(state_->bucket_rows[b]);
    if (has_vocabulary(options)) {
      RankedGrams ranked = state_->rank(parallel, b, learnt.rows);
      block.grams = std::move(ranked.symbols);
      rows = std::move(ranked.rows);
    }
    empty = empty && has_vocabulary(options) && rows.empty();
    if (options.idf != InverseDocumentFrequency::none)
      for (const std::uint32_t df : rows)
        block.idf.push_back(idf_weight(options.idf, learnt.rows, df));
  }
  if (empty) throw DataError("no n-gram occurs in as many rows as min-df and max-df allow");

  // Only words of n-grams that are features are kept, numbered in the order of features: what is frequent lies
  // together.
  std::vector<std::uint32_t> number(words.words.size(), kNoEntry);
  for (std::size_t b = 0; b < learnt.blocks.size(); ++b) {
    if (!counts_words(state_->plan.blocks[b].options)) continue;
    for (std::uint32_t& symbol : learnt.blocks[b].grams) {
      if (symbol == kNoEntry) continue;
      if (number[symbol] == kNoEntry) {
        number[symbol] = static_cast<std::uint32_t>(learnt.words.size());
        learnt.words.add(words.words[symbol]);
      }
      symbol = number[symbol];
    }
  }
  return Vectorizer(std::make_unique<VectorizerState>(state_->plan.options, std::move(learnt), parallel));
}

}  // namespace xmr
