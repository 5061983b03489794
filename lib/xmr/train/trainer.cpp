#include "xmr/train/trainer.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <chrono>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "xmr/model/chunk_join.hpp"
#include "xmr/train/estimate.hpp"
#include "xmr/train/level_rows.hpp"
#include "xmr/train/matcher.hpp"
#include "xmr/train/parent_rows.hpp"
#include "xmr/train/problem_hash.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A step of the queue.
struct Task {
  Piece piece;
  std::span<const std::uint32_t> rows;
  std::span<const std::uint32_t> shared;  // of these, those that all children have

  std::uint64_t cost() const { return rows.size() * std::uint64_t{piece.last - piece.first}; }
};

// What a thread keeps from task to task.
struct Worker {
  ParentRows rows;
  LaneSolver solver;
  std::vector<std::uint16_t> positives, absent;  // see RankerProblem
  std::vector<float> relevance;
  std::vector<std::uint32_t> relevance_begin;
  TrainSeconds seconds;
};

std::uint32_t groups_of(std::size_t solved_children) {
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>((solved_children + kLanes - 1) / kLanes));
}

}  // namespace

class XrLinearTrainer::State {
 public:
  State(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options, Parallel& parallel)
      : x_(x), tree_(tree), options_(options), parallel_(parallel), all_rows_(x.rows), workers_(parallel.threads()) {
    std::iota(all_rows_.begin(), all_rows_.end(), 0U);
    levels_ = LevelRows::push_up(y, tree, parallel, options.relevance);
    if (!options.given) return;
    const bool of_labels = options.given->cols == tree.label_count();
    given_ = LevelRows::push_up(*options.given, of_labels ? tree : tree.first_levels(tree.depth() - 1), parallel);
  }

  std::vector<Piece> pieces(const LevelRange& levels) const {
    std::vector<Piece> pieces;
    for (std::size_t level = levels.first; level < levels.last; ++level)
      for (NodeId parent = 0; parent < tree_.parents(level); ++parent) {
        const std::uint32_t groups = groups_of(children_of(level, parent).solved.size());
        // Rows that are not copied need not be shared.
        const std::uint32_t step = is_in_place(rows(level, parent).size()) ? 1 : groups;
        for (std::uint32_t first = 0; first < groups; first += step)
          pieces.push_back({static_cast<std::uint32_t>(level), parent, first, first + step, groups});
      }
    return pieces;
  }

  std::span<const std::uint32_t> rows(std::size_t level, NodeId parent) const {
    return level == 0 ? std::span<const std::uint32_t>(all_rows_) : levels_[level - 1].rows(parent);
  }
  const TrainSeconds& seconds() const { return seconds_; }
  void limit_memory(const MemoryLimit& limit) { limit_ = limit; }
  void start_from(const SolvedParents& solved) { solved_ = &solved; }

  void train(std::span<const Piece> pieces, const LevelRows* matched, const Finished& finished) {
    if (row_hashes_.empty()) row_hashes_ = hash_rows(x_, parallel_);
    std::vector<std::optional<RowsOfLevel>> rows(tree_.depth());
    std::vector<Task> tasks;
    for (const Piece& piece : pieces) {
      std::optional<RowsOfLevel>& of_level = rows[piece.level];
      if (!of_level) of_level = rows_of_level(piece.level, matched);
      tasks.push_back(task(piece, *of_level));
    }
    if (limit_)
      work_off_within(*limit_, std::move(tasks), matched == nullptr ? 0 : matched->bytes(), finished);
    else
      work_off(std::move(tasks), parallel_, finished);
    joined_.clear();
  }

 private:
  // Rows of each parent of a level, and of these those that all children have; null: none.
  struct RowsOfLevel {
    const LevelRows* rows = nullptr;
    const LevelRows* shared = nullptr;
  };

  RowsOfLevel rows_of_level(std::size_t level, const LevelRows* matched) {
    if (level == 0) return {};
    const Negatives& negatives = options_.of(level).negatives;
    const LevelRows* rows = &levels_[level - 1];
    const LevelRows* shared = negatives.teacher_forcing ? rows : nullptr;
    if (negatives.matcher) {
      rows = &united(rows, *matched);
      shared = &united(shared, *matched);
    }
    if (negatives.given) {
      rows = &united(rows, given_[level - 1]);
      if (level == given_.size()) shared = &united(shared, given_[level - 1]);
    }
    return {rows, shared};
  }

  // Rows of either, which live until the problems are solved; null: of none.
  const LevelRows& united(const LevelRows* a, const LevelRows& b) {
    return a == nullptr ? b : joined_.emplace_back(LevelRows::united(*a, b));
  }

  Task task(const Piece& piece, const RowsOfLevel& of_level) const {
    if (piece.level == 0) return {piece, all_rows_, all_rows_};
    Task task{piece, of_level.rows->rows(piece.parent), {}};
    if (of_level.shared != nullptr) task.shared = of_level.shared->rows(piece.parent);
    return task;
  }

  // What a thread holds for a task, its kept weights (three times the bytes of the chunk they become) among it, and the
  // chunk.
  struct TaskMemory {
    std::uint64_t work = 0, chunk = 0;
  };
  TaskMemory memory_of(const Task& task) const {
    const Piece& piece = task.piece;
    const Children children = children_of(piece.level, piece.parent);
    std::vector<std::span<const std::uint32_t>> positives;
    for (std::size_t i = piece.first * kLanes; i < std::min<std::size_t>(piece.last * kLanes, children.solved.size());
         ++i)
      positives.push_back(positives_of(piece, children.solved[i]));
    std::uint64_t entries = 0;
    for (const std::uint32_t row : task.rows)
      entries += x_.row(row).size();
    const std::uint64_t chunk = bytes_of_chunks(x_, positives, options_.of(0).keep.type);
    return {.work = bytes_of_parent(x_, task.rows.size(), entries) + 4 * chunk, .chunk = chunk};
  }

  // Tasks of which all threads may have one at a time, behind those that are too large for it.
  void work_off_within(const MemoryLimit& limit, std::vector<Task> tasks, std::uint64_t matched,
                       const Finished& finished) {
    std::uint64_t held = limit.elsewhere + matched + 12 * x_.rows, chunks = 0, largest = 0;
    for (const std::vector<LevelRows>* all : {&levels_, &given_})
      for (const LevelRows& rows : *all)
        held += rows.bytes();
    for (const LevelRows& rows : joined_)
      held += rows.bytes();
    std::vector<std::uint64_t> work;
    for (const Task& task : tasks) {
      const TaskMemory memory = memory_of(task);
      work.push_back(memory.work);
      largest = std::max(largest, memory.work);
      chunks += memory.chunk;
    }
    held += std::min(chunks, limit.most_chunks);
    if (limit.bytes < held + largest) throw needs(held + largest, limit.bytes);
    const std::uint64_t of_thread = (limit.bytes - held) / parallel_.threads();
    std::vector<Task> large, small;
    for (std::size_t i = 0; i < tasks.size(); ++i)
      (work[i] > of_thread ? large : small).push_back(tasks[i]);
    if (!large.empty()) {
      Parallel fewer(static_cast<unsigned>((limit.bytes - held) / largest), parallel_.observer());
      work_off(std::move(large), fewer, finished);
    }
    work_off(std::move(small), parallel_, finished);
  }
  static DataError needs(std::uint64_t bytes, std::uint64_t limit) {
    constexpr std::uint64_t kMebi = std::uint64_t{1} << 20;
    return DataError("memory",
                     fmt::format("training needs about {} MiB, {} MiB are allowed", bytes / kMebi + 1, limit / kMebi),
                     "in more parts each of them needs less; --checkpoint keeps the model out of memory");
  }

  void work_off(std::vector<Task> tasks, Parallel& parallel, const Finished& finished) {
    // Ties in the order of the pieces, so that the queue is the same every time.
    std::ranges::stable_sort(tasks, std::greater<>(), &Task::cost);
    std::uint64_t cost = 0;
    for (const Task& task : tasks)
      cost += task.cost();
    {
      Phase phase(parallel_.observer(), "train", cost, "rows");
      parallel.for_each(tasks.size(), [&](std::size_t task, unsigned worker) {
        finished(work(tasks[task], workers_[worker]));
        phase.advance(tasks[task].cost());
      });
    }
    for (Worker& worker : workers_) {
      const TrainSeconds seconds = std::exchange(worker, Worker{}).seconds;  // gives memory back
      seconds_.gather += seconds.gather;
      seconds_.solve += seconds.solve;
      seconds_.collect += seconds.collect;
    }
  }

  // Children that have rows, most rows first: those with similar numbers need similar numbers of passes and go
  // together.
  struct Children {
    std::vector<std::uint32_t> solved, without_rows;
  };
  Children children_of(std::size_t level, NodeId parent) const {
    const NodeRange nodes = tree_.children(level, parent);
    const auto rows = [&](std::uint32_t child) { return levels_[level].rows(nodes.front() + child).size(); };
    Children children;
    for (std::uint32_t child = 0; child < nodes.size(); ++child)
      (rows(child) == 0 ? children.without_rows : children.solved).push_back(child);
    std::ranges::stable_sort(children.solved, std::greater<>(), rows);
    return children;
  }

  std::span<const std::uint32_t> positives_of(const Piece& piece, std::uint32_t child) const {
    return levels_[piece.level].rows(tree_.children(piece.level, piece.parent).front() + child);
  }

  TrainedPiece work(const Task& task, Worker& worker) const {
    const Piece& piece = task.piece;
    Children children = children_of(piece.level, piece.parent);
    assert(piece.groups == groups_of(children.solved.size()) && piece.first < piece.last && piece.last <= piece.groups);
    TrainedPiece trained{.piece = piece, .chunk = {}, .counts = {}, .problem = problem_of(task)};
    if (piece.first == 0 && piece.level + 1 == tree_.depth())
      trained.counts.labels_without_rows = children.without_rows.size();
    if (take_over(children, trained)) return trained;
    std::vector<KeptWeights> kept(1);
    if (piece.first == 0)
      for (const std::uint32_t child : children.without_rows)
        kept.front().add_without_rows(child, kBiasWithoutRows);
    const std::span solved = children.solved;
    if (!solved.empty()) gather(task, worker);
    for (std::size_t group = piece.first; group < piece.last && !solved.empty(); ++group) {
      const std::span lanes =
          solved.subspan(group * kLanes, std::min<std::size_t>(kLanes, solved.size() - group * kLanes));
      std::ranges::sort(lanes);
      kept.push_back(solve(task, group, lanes, worker));
    }
    trained.counts.solver = worker.solver.take_counters();
    const auto start = Clock::now();
    const NodeId count = tree_.children(piece.level, piece.parent).size();
    trained.chunk = KeptWeights::chunk(kept, count, x_.cols, options_.of(0).keep.type);
    trained.counts.weights = ChunkView::trusted(trained.chunk).weights();
    worker.seconds.collect += seconds_since(start);
    return trained;
  }

  // From a trained model, what it has of the piece's children: whether it has.
  bool take_over(const Children& children, TrainedPiece& trained) const {
    if (solved_ == nullptr) return false;
    const Piece& piece = trained.piece;
    const auto found = solved_->find(piece.level, piece.parent, tree_.children(piece.level, piece.parent).size(),
                                     options_.of(0).keep.type, trained.problem);
    if (!found) return false;
    trained.problem = found->problem;
    if (piece.is_whole()) {
      trained.chunk = found->chunk.bytes();
    } else {
      const std::size_t first = piece.first * kLanes, last = std::min(piece.last * kLanes, children.solved.size());
      std::vector<std::uint32_t> mine(children.solved.begin() + static_cast<std::ptrdiff_t>(first),
                                      children.solved.begin() + static_cast<std::ptrdiff_t>(last));
      if (piece.first == 0) mine.insert(mine.end(), children.without_rows.begin(), children.without_rows.end());
      std::ranges::sort(mine);
      trained.chunk = part_of_chunk(found->chunk, mine, x_.cols, solved_->model().name());
    }
    trained.counts.weights = ChunkView::trusted(trained.chunk).weights();
    trained.counts.parents_kept = piece.first == 0 ? 1 : 0;
    return true;
  }

  // All that determines the chunk of the task's parent: options, rows in their order, and what each child makes of
  // them. Rows count by content and place among those of the parent, so that it does not matter what other rows and
  // nodes there are.
  std::uint64_t problem_of(const Task& task) const {
    const Piece& piece = task.piece;
    const LevelOptions& options = options_.of(piece.level);
    ProblemHash hash(options.solver, options.keep, options_.seed);
    const NodeRange nodes = tree_.children(piece.level, piece.parent);
    hash.add(x_.cols).add(nodes.size()).add(task.rows.size()).add(is_in_place(task.rows.size()) ? 1 : 0);
    for (const std::uint32_t row : task.rows)
      hash.add(row_hashes_[row]);
    const bool has_absent = task.shared.size() < task.rows.size();
    hash.add_places(has_absent ? task.shared : std::span<const std::uint32_t>(), task.rows);
    for (const NodeId node : nodes) {
      hash.add_places(levels_[piece.level].rows(node), task.rows);
      if (has_absent && has_given_pairs(piece.level)) hash.add_places(given_[piece.level].rows(node), task.rows);
      if (!has_relevance(piece.level)) continue;
      for (const float relevance : levels_[piece.level].relevance(node))
        hash.add(std::bit_cast<std::uint32_t>(relevance));
    }
    return hash.value();
  }

  bool has_given_pairs(std::size_t level) const { return options_.of(level).negatives.given && level < given_.size(); }
  bool has_relevance(std::size_t level) const {
    return options_.relevance.levels == Relevance::induce ||
           (options_.relevance.levels == Relevance::last && level + 1 == tree_.depth());
  }

  void gather(const Task& task, Worker& worker) const {
    const auto start = Clock::now();
    if (is_in_place(task.rows.size()))
      worker.rows.in_place(x_, task.rows);
    else
      worker.rows.compact(x_, task.rows);
    worker.seconds.gather += seconds_since(start);
  }
  bool is_in_place(std::size_t rows) const { return rows > x_.rows / 2; }

  KeptWeights solve(const Task& task, std::size_t group, std::span<const std::uint32_t> children,
                    Worker& worker) const {
    const Piece& piece = task.piece;
    auto start = Clock::now();
    worker.positives.assign(task.rows.size(), 0);
    for (std::size_t lane = 0; lane < children.size(); ++lane) {
      auto row = task.rows.begin();
      for (const std::uint32_t id : positives_of(piece, children[lane])) {
        row = std::lower_bound(row, task.rows.end(), id);
        worker.positives[static_cast<std::size_t>(row - task.rows.begin())] |= static_cast<std::uint16_t>(1U << lane);
      }
    }
    RankerProblem problem = worker.rows.problem();
    problem.positives = worker.positives;
    if (task.shared.size() < task.rows.size()) {
      find_absent(task, children, worker);
      problem.absent = worker.absent;
    }
    if (has_relevance(piece.level)) {
      collect_relevance(task, children, worker);
      problem.relevance = worker.relevance;
      problem.relevance_begin = worker.relevance_begin;
    }
    problem.children = static_cast<std::uint32_t>(children.size());
    problem.seed = options_.seed;
    problem.stream = group;  // and not the parent: where it stands in the tree must not matter
    const LevelOptions& options = options_.of(piece.level);
    worker.solver.solve(problem, options.solver, parallel_.observer());
    worker.seconds.solve += seconds_since(start);
    start = Clock::now();
    KeptWeights kept;
    kept.add(worker.solver, worker.rows, children, options.solver.bias, options.keep);
    worker.seconds.collect += seconds_since(start);
    return kept;
  }

  // Of the rows that some children do not have, which these are.
  void find_absent(const Task& task, std::span<const std::uint32_t> children, Worker& worker) const {
    const auto all = static_cast<std::uint16_t>((1U << children.size()) - 1);
    worker.absent.resize(task.rows.size());
    std::ranges::transform(worker.positives, worker.absent.begin(),
                           [all](std::uint16_t positives) { return static_cast<std::uint16_t>(all & ~positives); });
    clear(task.shared, all, task, worker);
    const bool has_pairs = has_given_pairs(task.piece.level);
    const NodeId first = tree_.children(task.piece.level, task.piece.parent).front();
    for (std::size_t lane = 0; has_pairs && lane < children.size(); ++lane)
      clear(given_[task.piece.level].rows(first + children[lane]), static_cast<std::uint16_t>(1U << lane), task,
            worker);
  }

  // These rows, of the task's, are not absent in these lanes.
  static void clear(std::span<const std::uint32_t> rows, std::uint16_t lanes, const Task& task, Worker& worker) {
    auto row = task.rows.begin();
    for (const std::uint32_t id : rows) {
      row = std::lower_bound(row, task.rows.end(), id);
      worker.absent[static_cast<std::size_t>(row - task.rows.begin())] &= static_cast<std::uint16_t>(~lanes);
    }
  }

  // Of the positives of each row, by child.
  void collect_relevance(const Task& task, std::span<const std::uint32_t> children, Worker& worker) const {
    worker.relevance_begin.clear();
    std::uint32_t count = 0;
    for (const std::uint16_t positives : worker.positives) {
      worker.relevance_begin.push_back(count);
      count += static_cast<std::uint32_t>(std::popcount(positives));
    }
    worker.relevance.resize(count);
    std::vector<std::uint32_t> next = worker.relevance_begin;
    const NodeId first = tree_.children(task.piece.level, task.piece.parent).front();
    for (const std::uint32_t child : children) {
      const std::span<const float> relevance = levels_[task.piece.level].relevance(first + child);
      const std::span<const std::uint32_t> ids = positives_of(task.piece, child);
      auto row = task.rows.begin();
      for (std::size_t i = 0; i < ids.size(); ++i) {
        row = std::lower_bound(row, task.rows.end(), ids[i]);
        worker.relevance[next[static_cast<std::size_t>(row - task.rows.begin())]++] = relevance[i];
      }
    }
  }

  const CsrView x_;
  const LabelTree& tree_;
  const TrainOptions& options_;
  Parallel& parallel_;
  std::vector<std::uint32_t> all_rows_;
  std::vector<LevelRows> levels_;
  std::vector<LevelRows> given_;  // of all levels or all but the last
  std::deque<LevelRows> joined_;  // of the tasks in work
  std::vector<Worker> workers_;
  TrainSeconds seconds_;
  std::optional<MemoryLimit> limit_;
  std::vector<std::uint64_t> row_hashes_;  // of X
  const SolvedParents* solved_ = nullptr;
};

namespace {

void check_shapes(CsrView x, CsrView y, const LabelTree& tree) {
  if (x.rows != y.rows)
    throw DataError(
        fmt::format("features have {} rows, labels {}: they must be those of the same instances", x.rows, y.rows));
  if (y.cols != tree.label_count())
    throw DataError(fmt::format("the matrix of labels has {} columns, the tree {} labels", y.cols, tree.label_count()));
  constexpr std::uint64_t kMaxRows = std::numeric_limits<std::uint32_t>::max();
  if (x.rows > kMaxRows) throw DataError(fmt::format("{} rows, at most {} can be trained on", x.rows, kMaxRows));
  if (y.nnz() == 0) throw DataError("no row has a label: there is nothing to learn");
}

void check_levels(const TrainOptions& options, const LabelTree& tree) {
  const std::size_t given = options.levels.size();
  if (given != 1 && given != tree.depth())
    throw ConfigError(fmt::format("options of {} levels, the tree has {}", given, tree.depth()));
  for (const LevelOptions& level : options.levels)
    if (level.keep.type != options.of(0).keep.type) throw ConfigError("weights of all levels have one type");
}

void check_given(CsrView x, const TrainOptions& options, const LabelTree& tree) {
  bool is_used = false;
  for (std::size_t level = 1; level < tree.depth(); ++level)
    is_used = is_used || options.of(level).negatives.given;
  if (!options.given) {
    if (is_used) throw ConfigError("negatives: there are none given");
    return;
  }
  if (tree.depth() == 1) throw ConfigError("negatives: the tree has one level, which has all rows");
  if (options.given->rows != x.rows)
    throw DataError(fmt::format("negatives of {} rows, but there are {}", options.given->rows, x.rows));
  const NodeId labels = tree.label_count(), clusters = tree.nodes(tree.depth() - 2);
  if (options.given->cols != labels && options.given->cols != clusters)
    throw DataError(fmt::format("negatives have {} columns, the tree has {} labels and {} nodes above them",
                                options.given->cols, labels, clusters));
}

void check_relevance(CsrView y) {
  for (Row row = 0; row < y.rows; ++row)
    for (std::size_t i = 0; i < y.row(row).size(); ++i)
      if (!(y.row(row).values[i] > 0))
        throw DataError("labels", fmt::format("row {}: label {} has the relevance {}, which must be above 0", row,
                                              y.row(row).indices[i], y.row(row).values[i]));
}

// All pieces of some parents.
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

std::vector<LevelRange> stages_of(const TrainOptions& options, std::size_t depth) {
  std::vector<LevelRange> stages{{0, 1}};
  for (std::size_t level = 1; level < depth; ++level) {
    if (options.of(level).negatives.matcher) stages.push_back({level, level});
    ++stages.back().last;
  }
  return stages;
}

XrLinearTrainer::XrLinearTrainer(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                                 Parallel& parallel) {
  check_shapes(x, y, tree);
  check_levels(options, tree);
  check_given(x, options, tree);
  if (options.relevance.levels != Relevance::none) check_relevance(y);
  state_ = std::make_unique<State>(x, y, tree, options, parallel);
}

XrLinearTrainer::~XrLinearTrainer() = default;

void XrLinearTrainer::limit_memory(const MemoryLimit& limit) {
  state_->limit_memory(limit);
}

void XrLinearTrainer::start_from(const SolvedParents& solved) {
  state_->start_from(solved);
}

std::vector<Piece> XrLinearTrainer::pieces(const LevelRange& levels) const {
  return state_->pieces(levels);
}

std::span<const std::uint32_t> XrLinearTrainer::rows(std::size_t level, NodeId parent) const {
  return state_->rows(level, parent);
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
