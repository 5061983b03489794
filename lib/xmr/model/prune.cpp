#include "xmr/model/prune.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <functional>
#include <string>

#include <fmt/format.h>

#include "xmr/model/chunk_builder.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

namespace {

// Keeps the `count` largest weights of each child and sets the others to 0.
void keep_largest(ChunkRows& rows, std::uint32_t children, std::uint32_t count) {
  std::vector<std::vector<ChildWeight*>> of_child(children);  // by increasing feature
  for (ChildWeight& weight : rows.weights)
    if (weight.value != 0) of_child[weight.child].push_back(&weight);
  const auto larger = [](const ChildWeight* a, const ChildWeight* b) {
    const float size_a = std::fabs(a->value), size_b = std::fabs(b->value);
    return size_a > size_b || (size_a == size_b && a < b);
  };
  for (std::vector<ChildWeight*>& weights : of_child) {
    if (weights.size() <= count) continue;
    std::ranges::nth_element(weights, weights.begin() + count, larger);
    for (auto dropped = weights.begin() + count; dropped != weights.end(); ++dropped)
      (*dropped)->value = 0;
  }
}

// Appends the chunk with fewer weights to `out`.
void prune_chunk(const XrLinearModel& model, std::size_t level, NodeId parent, const PruneOptions& options,
                 std::string& out) {
  const ChunkView chunk = model.chunk(level, parent);
  ChunkRows rows = model.rows(level, parent);
  for (ChildWeight& weight : rows.weights)
    if (std::fabs(weight.value) < options.threshold) weight.value = 0;
  if (options.top_weights > 0) keep_largest(rows, chunk.children(), options.top_weights);
  ChunkBuilder builder(chunk.children(), model.features(), model.weight_type());
  for (std::uint32_t child = 0; child < chunk.children(); ++child)
    builder.set_bias(child, chunk.bias()[child]);
  for (std::size_t n = 0; n < rows.features.size(); ++n)
    builder.add(rows.features[n], rows.row(n));  // drops zeros
  builder.finish(out);
}

using Visit = std::function<void(std::size_t level, NodeId parent)>;

void for_parents(const XrLinearModel& model, Parallel& parallel, const Visit& visit) {
  for (std::size_t level = 0; level < model.tree().depth(); ++level)
    parallel.for_each(model.tree().parents(level), [&](std::size_t parent, unsigned) {
      visit(level, static_cast<NodeId>(parent));
      parallel.observer().advance(1);
    });
}

std::uint64_t pruned_size(const XrLinearModel& model, const PruneOptions& options, Parallel& parallel) {
  std::atomic<std::uint64_t> size = 0;
  for_parents(model, parallel, [&](std::size_t level, NodeId parent) {
    std::string bytes;
    prune_chunk(model, level, parent, options, bytes);
    size += bytes.size();
  });
  return size;
}

// A histogram of the sizes of the weights, in classes of the upper half of a float's bits; bounds differ by less than 1
// %.
class Sizes {
 public:
  Sizes(const XrLinearModel& model, Parallel& parallel) : counts_(kClasses) {
    for_parents(model, parallel, [&](std::size_t level, NodeId parent) {
      for (const ChildWeight& weight : model.rows(level, parent).weights)
        counts_[class_of(weight.value)].fetch_add(1, std::memory_order_relaxed);
    });
  }

  static float bound(std::uint32_t of_class) { return std::bit_cast<float>(of_class << 16); }
  std::uint32_t end() const {
    const auto last = std::find_if(counts_.rbegin(), counts_.rend(), [](const auto& count) { return count > 0; });
    return static_cast<std::uint32_t>(counts_.rend() - last);
  }
  // Returns the class below which this share of the weights in [begin, end) lies.
  std::uint32_t quantile(std::uint32_t begin, std::uint32_t end, double share) const {
    std::uint64_t all = 0, below = 0;
    for (std::uint32_t i = begin; i < end; ++i)
      all += counts_[i];
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(all));
    std::uint32_t i = begin;
    for (; i < end && below < wanted; ++i)
      below += counts_[i];
    return i;
  }

 private:
  static constexpr std::size_t kClasses = 1U << 15;
  static std::uint32_t class_of(float weight) { return std::bit_cast<std::uint32_t>(std::fabs(weight)) >> 16; }

  std::vector<std::atomic<std::uint64_t>> counts_;
};

}  // namespace

std::vector<LevelChunks> prune(const XrLinearModel& model, const PruneOptions& options, Parallel& parallel) {
  std::vector<LevelChunks> chunks(std::min(model.tree().depth(), options.levels));
  for (std::size_t level = 0; level < chunks.size(); ++level)
    chunks[level].resize(model.tree().parents(level));
  for_parents(model, parallel, [&](std::size_t level, NodeId parent) {
    if (level < chunks.size()) prune_chunk(model, level, parent, options, chunks[level][parent]);
  });
  return chunks;
}

float threshold_for_size(const XrLinearModel& model, std::uint64_t bytes, std::uint32_t top_weights,
                         Parallel& parallel) {
  const auto size_at = [&](std::uint32_t of_class) {
    return pruned_size(model, {Sizes::bound(of_class), top_weights}, parallel);
  };
  std::uint64_t low_size = size_at(0);
  if (low_size <= bytes) return 0;
  const Sizes sizes(model, parallel);
  // The result is too large at `low` and small enough at `high`. Bytes are assumed to be proportional to weights.
  std::uint32_t low = 0, high = sizes.end();
  std::uint64_t high_size = size_at(high);
  if (high_size > bytes)
    throw DataError(model.name(), fmt::format("without any weight its chunks take {} bytes, {} are allowed for them",
                                              high_size, bytes));
  while (high - low > 1 && static_cast<double>(high_size) < 0.98 * static_cast<double>(bytes)) {
    const double share = static_cast<double>(low_size - bytes) / static_cast<double>(low_size - high_size);
    const std::uint32_t middle = std::clamp(sizes.quantile(low, high, share), low + 1, high - 1);
    const std::uint64_t size = size_at(middle);
    (size <= bytes ? high : low) = middle;
    (size <= bytes ? high_size : low_size) = size;
  }
  return Sizes::bound(high);
}

}  // namespace xmr
