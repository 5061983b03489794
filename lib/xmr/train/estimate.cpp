#include "xmr/train/estimate.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

#include "xmr/train/copied_rows.hpp"
#include "xmr/train/cost_model.hpp"
#include "xmr/util/random.hpp"

namespace xmr {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kProgram = std::uint64_t{8} << 20;
// The share of the weights of positive rows that training keeps, without a sample.
constexpr double kKeptShare = 0.6;
// Matcher-aware negatives add rows, and all rows are searched.
constexpr double kMatcherFactor = 4;
// A sample of fewer pieces says little of the others.
constexpr std::size_t kMinPieces = 4;

std::uint64_t bytes_of(CsrView a) {
  return 8 * (a.nnz() + a.rows);
}

// The sizes of a piece, and their sums over a level.
struct Sizes {
  double cost = 0;
  double bytes = 0;  // of its share of the chunk, if every feature of a positive row kept its weight

  Sizes& operator+=(const Sizes& other) {
    cost += other.cost;
    bytes += other.bytes;
    return *this;
  }
};

// The factors from sizes to seconds of a thread and to bytes of chunks. Training keeps less than all weights.
struct Ratios {
  double seconds = 0, bytes = 0;
};

// The options without the negatives that need a trained model.
TrainOptions without_matcher(TrainOptions options) {
  for (LevelOptions& level : options.levels) {
    level.negatives.teacher_forcing = level.negatives.teacher_forcing || level.negatives.matcher;
    level.negatives.matcher = false;
  }
  return options;
}

double seconds_of(const TrainSeconds& seconds) {
  return seconds.gather + seconds.solve + seconds.collect;
}

class Estimator {
 public:
  Estimator(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options, Parallel& parallel)
      : x_(x),
        tree_(tree),
        options_(options),
        sampled_(without_matcher(options)),
        parallel_(parallel),
        trainer_(x, y, tree, sampled_, parallel) {}

  TrainEstimate estimate(std::uint64_t bytes_of_y, double sample_seconds) {
    const double set_up = sample_seconds > 0 ? std::chrono::duration<double>(Clock::now() - start_).count() : 0;
    Ratios ratios{.seconds = seconds_of_cost(1), .bytes = kKeptShare};
    double seconds = 0, bytes = 0;
    // From the last level up: a level that is too large takes the ratios of the level below.
    for (std::size_t level = tree_.depth(); level-- > 0;) {
      const std::vector<Piece> pieces = trainer_.pieces({level, level + 1});
      std::vector<Sizes> sizes;
      Sizes all;
      for (const Piece& piece : pieces)
        all += sizes.emplace_back(sizes_of(piece));
      if (sample_seconds > 0) sample(pieces, sizes, sample_seconds / static_cast<double>(tree_.depth()), ratios);
      const bool matches = level > 0 && options_.of(level).negatives.matcher;
      seconds += all.cost * ratios.seconds * (matches ? kMatcherFactor : 1);
      bytes += all.bytes * ratios.bytes;
    }
    TrainEstimate estimate;
    estimate.model_bytes = static_cast<std::uint64_t>(bytes) + 4 * std::uint64_t{tree_.label_count()};
    const std::uint64_t copy = CopiedRows::bytes_of(x_);
    const std::uint64_t work = bytes_of_y + estimate.model_bytes +
                               pairs_ * (options_.relevance.levels == Relevance::none ? 4 : 8) + 12 * x_.rows +
                               largest_parents();
    // Beside the copy, X is in memory while it is copied, and later if its memory cannot be freed.
    estimate.memory_bytes = kProgram + copy + (options_.drop_x ? std::max(bytes_of(x_), work) : bytes_of(x_) + work);
    estimate.seconds = seconds / parallel_.threads() + set_up;
    return estimate;
  }

 private:
  Sizes sizes_of(const Piece& piece) {
    const std::span<const std::uint32_t> rows = trainer_.rows(piece.level, piece.parent);
    const std::uint64_t entries = piece.level == 0 ? x_.nnz() : entries_of(x_, rows);
    parents_.push_back(bytes_of_parent(x_, rows.size(), entries));
    Sizes sizes{.cost = static_cast<double>(solve_cost(rows.size(), entries, piece.last - piece.first))};
    // Groups of a parent share its children about equally.
    const double share = static_cast<double>(piece.last - piece.first) / std::max(1U, piece.groups);
    double weights = 0;
    for (const NodeId node : tree_.children(piece.level, piece.parent)) {
      const std::span<const std::uint32_t> positives = trainer_.rows(piece.level + 1, node);
      weights += distinct_features(x_, entries_of(x_, positives));
      if (piece.first == 0) pairs_ += positives.size();
    }
    const auto children = static_cast<std::uint32_t>(tree_.children(piece.level, piece.parent).size());
    sizes.bytes = share * bytes_of_chunk(x_.cols, children, distinct_features(x_, entries), weights,
                                         options_.of(piece.level).keep.type);
    return sizes;
  }

  // Trains random pieces that cost about `seconds` of each thread, and sets the ratios. Keeps the ratios if fewer than
  // kMinPieces fit into this time, and the level has more.
  void sample(std::span<const Piece> pieces, std::span<const Sizes> sizes, double seconds, Ratios& ratios) {
    std::vector<std::size_t> order(pieces.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random(options_.seed, pieces.size()).shuffle(std::span(order));
    const double budget = seconds * parallel_.threads() / ratios.seconds;
    std::vector<Piece> chosen;
    Sizes sum;
    for (const std::size_t i : order) {
      if (sum.cost + sizes[i].cost > budget) break;
      sum += sizes[i];
      chosen.push_back(pieces[i]);
    }
    if (chosen.size() < std::min(kMinPieces, pieces.size()) || sum.bytes == 0) return;
    const double before = seconds_of(trainer_.seconds());
    std::atomic<std::uint64_t> bytes = 0;
    trainer_.train(chosen, nullptr, [&](TrainedPiece&& piece) { bytes += piece.chunk.size(); });
    ratios.seconds = (seconds_of(trainer_.seconds()) - before) / sum.cost;
    ratios.bytes = static_cast<double>(bytes) / sum.bytes;
  }

  // The bytes of the largest parents that the threads may hold at a time.
  std::uint64_t largest_parents() {
    const auto at_once = static_cast<std::ptrdiff_t>(std::min<std::size_t>(parallel_.threads(), parents_.size()));
    std::ranges::partial_sort(parents_, parents_.begin() + at_once, std::greater<>());
    return std::accumulate(parents_.begin(), parents_.begin() + at_once, std::uint64_t{0});
  }

  const Clock::time_point start_ = Clock::now();
  const CsrView x_;
  const LabelTree& tree_;
  const TrainOptions& options_;
  const TrainOptions sampled_;
  Parallel& parallel_;
  XrLinearTrainer trainer_;
  std::vector<std::uint64_t> parents_;  // the bytes of the parent of each piece
  std::uint64_t pairs_ = 0;
};

}  // namespace

TrainEstimate estimate_training(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                                Parallel& parallel, double sample_seconds) {
  return Estimator(x, y, tree, options, parallel).estimate(bytes_of(y), sample_seconds);
}

}  // namespace xmr
