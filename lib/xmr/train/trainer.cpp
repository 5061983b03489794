#include "xmr/train/trainer.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <functional>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "xmr/model/chunk_join.hpp"
#include "xmr/train/copied_rows.hpp"
#include "xmr/train/cost_model.hpp"
#include "xmr/train/matcher.hpp"
#include "xmr/train/parent_rows.hpp"
#include "xmr/train/problem_queue.hpp"
#include "xmr/util/available_memory.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The memory of a thread, reused from problem to problem.
struct Worker {
  ParentRows rows;
  LaneSolver solver;
  RowMarks marks;
  TrainSeconds seconds;

  void give_back() {
    rows = {};
    solver = {};
    marks = {};
  }
};

}  // namespace

class XrLinearTrainer::State {
 public:
  State(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options, Parallel& parallel)
      : problems_(x, y, tree, options, parallel),
        x_(x),
        tree_(tree),
        options_(options),
        parallel_(parallel),
        workers_(parallel.threads()) {}

  const ParentProblems& problems() const { return problems_; }
  std::vector<bool> rows_of(std::span<const Piece> pieces, const LevelRows* matched) {
    std::vector<bool> rows = problems_.rows_of(problems_.of(pieces, matched));
    problems_.forget();
    return rows;
  }
  const TrainSeconds& seconds() const { return seconds_; }
  void limit_memory(const MemoryLimit& limit) { limit_ = limit; }
  void start_from(const SolvedParents& solved) { solved_ = &solved; }

  void train(std::span<const Piece> pieces, const LevelRows* matched, const Finished& finished) {
    std::vector<ParentProblem> problems = problems_.of(pieces, matched);
    problems_.prepare_hashes(problems, parallel_);
    for (ParentProblem& problem : problems)
      problem.cost = solve_cost(x_, problem.rows, problem.groups());
    // Equal problems keep the order of the pieces, so the queue is the same in every run.
    std::ranges::stable_sort(problems, std::greater<>(), &ParentProblem::cost);
    // A copy of X pays only if a problem is solved in place: other problems may need few of the rows.
    bool copies = std::ranges::any_of(
        problems, [&](const ParentProblem& problem) { return problems_.is_in_place(problem.rows.size()); });
    copies = copies && CopiedRows::bytes_of(x_) <= available_memory() / 4;
    std::unique_ptr<ProblemQueue> queue;
    std::optional<Parallel> fewer;
    if (limit_) {
      const Share share = share_of(*limit_, problems, matched == nullptr ? 0 : matched->bytes(), copies);
      queue = std::make_unique<ProblemQueue>(share.bytes, share.limit);
      if (share.threads < parallel_.threads()) fewer.emplace(share.threads, parallel_.observer());
      copies = share.copies;
    }
    if (copies) {
      copied_.emplace(x_, parallel_);
      if (options_.drop_x) options_.drop_x();
    }
    work_off(problems, queue.get(), fewer ? *fewer : parallel_, finished);
    copied_.reset();
    problems_.forget();
  }

 private:
  // The bytes of a thread for a problem, with its kept weights; and of the chunk.
  struct ProblemMemory {
    std::uint64_t work = 0, chunk = 0;
  };
  ProblemMemory memory_of(const ParentProblem& problem) const {
    const Piece& piece = problem.piece;
    const SolvedChildren children = problems_.children(piece);
    std::vector<std::span<const std::uint32_t>> positives;
    for (const std::uint32_t child : children.of_groups(piece.first, piece.last))
      positives.push_back(problems_.positives(piece, child));
    const std::uint64_t entries = entries_of(x_, problem.rows);
    const double features = features_of(x_, positives);
    return {.work = bytes_of_parent(x_, problem.rows.size(), entries) + bytes_of_collecting(features),
            .chunk = bytes_of_chunk(features, options_.of(0).keep.type)};
  }

  // The division of a memory limit.
  struct Share {
    std::vector<std::uint64_t> bytes;  // of each problem, for ProblemQueue
    std::uint64_t limit = 0;
    unsigned threads = 1;
    bool copies = false;
  };
  // Small problems count as 0 bytes: each thread may have one at a time and keep the memory of another. X is copied
  // only if all threads have room beside the copy.
  Share share_of(const MemoryLimit& limit, std::span<const ParentProblem> problems, std::uint64_t matched,
                 bool copies) const {
    std::uint64_t held = limit.elsewhere + matched + problems_.bytes(), chunks = 0, largest = 0;
    Share share;
    for (const ParentProblem& problem : problems) {
      const ProblemMemory memory = memory_of(problem);
      share.bytes.push_back(memory.work);
      largest = std::max(largest, memory.work);
      chunks += memory.chunk;
    }
    held += std::min(chunks, limit.max_chunks);
    if (limit.bytes < held + largest) throw needs(held + largest, limit.bytes);
    const std::uint64_t copy = CopiedRows::bytes_of(x_);
    share.copies = copies && copy + parallel_.threads() * largest <= limit.bytes - held;
    std::uint64_t spare = limit.bytes - held - largest - (share.copies ? copy : 0);
    // The heap of each thread keeps some freed memory and has holes.
    constexpr std::uint64_t kHeap = std::uint64_t{8} << 20, kSmall = std::uint64_t{1} << 20;
    share.threads = static_cast<unsigned>(std::min<std::uint64_t>(parallel_.threads(), 1 + spare / kHeap));
    spare -= (share.threads - 1) * kHeap;
    const std::uint64_t small = std::min(kSmall, spare / share.threads / 2);
    for (std::uint64_t& bytes : share.bytes)
      if (bytes <= small) bytes = 0;
    share.limit = largest + spare - 2 * small * share.threads;
    return share;
  }
  static DataError needs(std::uint64_t bytes, std::uint64_t limit) {
    constexpr std::uint64_t kMebi = std::uint64_t{1} << 20;
    return DataError("memory",
                     fmt::format("training needs about {} MiB, {} MiB are allowed", bytes / kMebi + 1, limit / kMebi),
                     "parts need less each: xmr-train plan --parts 8, with the same -x, -y and -t");
  }

  // Solves the problems in their order, or in the order of the queue.
  void work_off(std::span<const ParentProblem> problems, ProblemQueue* queue, Parallel& parallel,
                const Finished& finished) {
    std::uint64_t visits = 0;
    for (const ParentProblem& problem : problems)
      visits += problem.visits();
    {
      Phase phase(parallel.observer(), "train", visits, "rows");
      const auto solve_one = [&](const ParentProblem& problem, Worker& worker) {
        finished(work(problem, worker));
        phase.advance(problem.visits());
      };
      parallel.for_each(problems.size(), [&](std::size_t step, unsigned number) {
        Worker& worker = workers_[number];
        if (queue == nullptr) {
          solve_one(problems[step], worker);
          return;
        }
        const ProblemQueue::Turn turn = queue->take();
        solve_one(problems[turn.problem()], worker);
        // A parent in place and a copied parent use different arrays.
        if (turn.bytes() > 0) worker.give_back();
      });
    }
    for (Worker& worker : workers_) {
      worker.give_back();
      const TrainSeconds seconds = std::exchange(worker.seconds, {});
      seconds_.gather += seconds.gather;
      seconds_.solve += seconds.solve;
      seconds_.collect += seconds.collect;
    }
  }

  TrainedPiece work(const ParentProblem& problem, Worker& worker) const {
    const Piece& piece = problem.piece;
    const SolvedChildren children = problems_.children(piece);
    assert(piece.groups == children.groups() && piece.first < piece.last && piece.last <= piece.groups);
    TrainedPiece trained{.piece = piece, .chunk = {}, .counts = {}, .problem = problems_.hash(problem)};
    if (piece.first == 0 && piece.level + 1 == tree_.depth())
      trained.counts.labels_without_rows = children.without_rows.size();
    if (take_over(children, trained)) return trained;
    std::vector<KeptWeights> kept(1);
    if (piece.first == 0)
      for (const std::uint32_t child : children.without_rows)
        kept.front().add_without_rows(child, kBiasWithoutRows);
    if (!children.solved.empty()) {
      gather(problem, worker);
      for (std::uint32_t group = piece.first; group < piece.last; ++group) {
        const std::span<const std::uint32_t> of_group = children.of_groups(group, group + 1);
        std::vector<std::uint32_t> lanes(of_group.begin(), of_group.end());
        std::ranges::sort(lanes);
        kept.push_back(solve(problem, group, lanes, worker));
      }
    }
    trained.counts.solver = worker.solver.take_counters();
    const auto start = Clock::now();
    const NodeId count = tree_.children(piece.level, piece.parent).size();
    trained.chunk = KeptWeights::chunk(kept, count, x_.cols, options_.of(0).keep.type);
    trained.counts.weights = ChunkView::trusted(trained.chunk).weights();
    worker.seconds.collect += seconds_since(start);
    return trained;
  }

  // Takes the chunk of the piece from the trained model. Returns false if the model has not solved the parent's
  // problem.
  bool take_over(const SolvedChildren& children, TrainedPiece& trained) const {
    if (solved_ == nullptr) return false;
    const Piece& piece = trained.piece;
    const auto found = solved_->find(piece.level, piece.parent, tree_.children(piece.level, piece.parent).size(),
                                     options_.of(0).keep.type, trained.problem);
    if (!found) return false;
    trained.problem = found->problem;
    if (piece.is_whole()) {
      trained.chunk = found->chunk.bytes();
    } else {
      const std::span<const std::uint32_t> solved = children.of_groups(piece.first, piece.last);
      std::vector<std::uint32_t> mine(solved.begin(), solved.end());
      if (piece.first == 0) mine.insert(mine.end(), children.without_rows.begin(), children.without_rows.end());
      std::ranges::sort(mine);
      trained.chunk = part_of_chunk(found->chunk, mine, x_.cols, solved_->model().name());
    }
    trained.counts.weights = ChunkView::trusted(trained.chunk).weights();
    trained.counts.parents_kept = piece.first == 0 ? 1 : 0;
    return true;
  }

  void gather(const ParentProblem& problem, Worker& worker) const {
    const auto start = Clock::now();
    const CsrView x = copied_ ? copied_->view() : x_;
    try {
      if (problems_.is_in_place(problem.rows.size()))
        worker.rows.in_place(x, problem.rows);
      else
        worker.rows.compact(x, problem.rows);
    } catch (const RowOverflow& overflow) {
      throw DataError(options_.x_name, fmt::format("row {}: the squares of its values overflow", overflow.row),
                      "--x-norms l2 makes the length of each row 1");
    }
    worker.seconds.gather += seconds_since(start);
  }

  KeptWeights solve(const ParentProblem& problem, std::uint32_t group, std::span<const std::uint32_t> children,
                    Worker& worker) const {
    auto start = Clock::now();
    problems_.mark(problem, children, worker.marks);
    RankerProblem rankers = worker.rows.problem();
    rankers.positives = worker.marks.positives;
    rankers.absent = worker.marks.absent;
    rankers.relevance = worker.marks.relevance;
    rankers.relevance_begin = worker.marks.relevance_begin;
    rankers.children = static_cast<std::uint32_t>(children.size());
    rankers.seed = options_.seed;
    rankers.stream = group;  // not the parent: its number in the tree must not matter
    const LevelOptions& options = options_.of(problem.piece.level);
    worker.solver.solve(rankers, options.solver, parallel_.observer());
    worker.seconds.solve += seconds_since(start);
    start = Clock::now();
    KeptWeights kept;
    kept.add(worker.solver, worker.rows, children, options.solver.bias, options.keep);
    worker.seconds.collect += seconds_since(start);
    return kept;
  }

  ParentProblems problems_;
  const CsrView x_;
  const LabelTree& tree_;
  const TrainOptions& options_;
  Parallel& parallel_;
  std::vector<Worker> workers_;
  TrainSeconds seconds_;
  std::optional<MemoryLimit> limit_;
  std::optional<CopiedRows> copied_;  // during train(), if X is copied
  const SolvedParents* solved_ = nullptr;
};

namespace {

// Joins the pieces of parents that were split.
void join_into(std::vector<LevelChunks>& levels, std::vector<TrainedPiece> pieces, std::uint64_t features) {
  std::ranges::sort(pieces, {}, &TrainedPiece::piece);
  for (auto first = pieces.begin(); first != pieces.end();) {
    const Piece piece = first->piece;
    std::vector<ChunkView> chunks;
    for (; first != pieces.end() && first->piece.level == piece.level && first->piece.parent == piece.parent; ++first)
      chunks.push_back(ChunkView::trusted(first->chunk));
    levels[piece.level][piece.parent] =
        join_chunks(chunks, features, fmt::format("level {}, parent {}", piece.level, piece.parent));
  }
}

}  // namespace

TrainCounts& TrainCounts::operator+=(const TrainCounts& other) {
  solver += other.solver;
  weights += other.weights;
  labels_without_rows += other.labels_without_rows;
  parents_kept += other.parents_kept;
  return *this;
}

XrLinearTrainer::XrLinearTrainer(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                                 Parallel& parallel)
    : state_(std::make_unique<State>(x, y, tree, options, parallel)) {}

XrLinearTrainer::~XrLinearTrainer() = default;

void XrLinearTrainer::limit_memory(const MemoryLimit& limit) {
  state_->limit_memory(limit);
}

void XrLinearTrainer::start_from(const SolvedParents& solved) {
  state_->start_from(solved);
}

std::vector<Piece> XrLinearTrainer::pieces(const LevelRange& levels) const {
  return state_->problems().pieces(levels);
}

std::span<const std::uint32_t> XrLinearTrainer::rows(std::size_t level, NodeId parent) const {
  return state_->problems().rows(level, parent);
}

std::vector<bool> XrLinearTrainer::rows_of(std::span<const Piece> pieces, const LevelRows* matched) {
  return state_->rows_of(pieces, matched);
}

void XrLinearTrainer::train(std::span<const Piece> pieces, const LevelRows* matched, const Finished& finished) {
  state_->train(pieces, matched, finished);
}

const TrainSeconds& XrLinearTrainer::seconds() const {
  return state_->seconds();
}

TrainedLevels train_xr_linear(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                              Parallel& parallel, const std::optional<MemoryLimit>& limit,
                              const SolvedParents* solved) {
  XrLinearTrainer trainer(x, y, tree, options, parallel);
  if (limit) trainer.limit_memory(*limit);
  if (solved != nullptr) trainer.start_from(*solved);
  TrainedLevels result;
  for (std::size_t level = 0; level < tree.depth(); ++level) {
    result.chunks.emplace_back(tree.parents(level));
    result.problems.emplace_back(tree.parents(level));
  }
  std::mutex mutex;
  std::vector<TrainedPiece> split;
  for (const LevelRange& stage : stages_of(options, tree.depth())) {
    std::optional<LevelRows> matched;
    if (stage.first > 0) {
      const auto start = Clock::now();
      const std::span trained = std::span<const LevelChunks>(result.chunks).first(stage.first);
      matched = match_rows(x, tree, trained, options.matcher, parallel);
      result.match_seconds += seconds_since(start);
    }
    trainer.train(trainer.pieces(stage), matched ? &*matched : nullptr, [&](TrainedPiece&& piece) {
      const std::lock_guard lock(mutex);
      result.counts += piece.counts;
      result.problems[piece.piece.level][piece.piece.parent] = piece.problem;
      if (piece.piece.is_whole())
        result.chunks[piece.piece.level][piece.piece.parent] = std::move(piece.chunk);
      else
        split.push_back(std::move(piece));
    });
    join_into(result.chunks, std::exchange(split, {}), x.cols);
  }
  result.seconds = trainer.seconds();
  return result;
}

}  // namespace xmr
