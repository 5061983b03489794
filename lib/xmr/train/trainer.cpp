#include "xmr/train/trainer.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <deque>
#include <limits>
#include <memory>
#include <numeric>

#include <fmt/format.h>

#include "xmr/train/level_rows.hpp"
#include "xmr/train/matcher.hpp"
#include "xmr/train/parent_rows.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A parent with its children in groups that are solved together.
struct Parent {
  std::size_t level = 0;
  NodeId node = 0;
  std::span<const std::uint32_t> rows;
  std::span<const std::uint32_t> shared;  // of these, those that all children have
  bool in_place = false;
  std::vector<std::vector<std::uint32_t>> groups;  // of children, counted from the parent's first
  std::vector<KeptWeights> kept;                   // one a group, and one for the children without rows
  std::atomic<std::size_t> open_jobs{0};
};

// A step of the queue: some groups of a parent.
struct Job {
  Parent* parent = nullptr;
  std::size_t first_group = 0, last_group = 0;
  std::uint64_t cost = 0;  // rows × groups
};

// What a thread keeps from job to job.
struct Worker {
  ParentRows rows;
  LaneSolver solver;
  std::vector<std::uint16_t> positives, absent;  // see RankerProblem
  std::vector<float> relevance;
  std::vector<std::uint32_t> relevance_begin;
  double gather_seconds = 0, solve_seconds = 0, collect_seconds = 0;
};

class Trainer {
 public:
  Trainer(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options, Parallel& parallel)
      : x_(x), tree_(tree), options_(options), parallel_(parallel), all_rows_(x.rows), workers_(parallel.threads()) {
    std::iota(all_rows_.begin(), all_rows_.end(), 0U);
    levels_ = LevelRows::push_up(y, tree, parallel, options.relevance);
    if (!options.given) return;
    const bool of_labels = options.given->cols == tree.label_count();
    given_ = LevelRows::push_up(*options.given, of_labels ? tree : tree.first_levels(tree.depth() - 1), parallel);
  }

  TrainedLevels run() {
    for (std::size_t level = 0; level < tree_.depth(); ++level)
      result_.chunks.emplace_back(tree_.parents(level));
    for (std::size_t level = 0; level < tree_.depth(); ++level)
      plan_level(level);
    work_off();
    for (const Worker& worker : workers_) {
      result_.solver += worker.solver.counters();
      result_.gather_seconds += worker.gather_seconds;
      result_.solve_seconds += worker.solve_seconds;
      result_.collect_seconds += worker.collect_seconds;
    }
    result_.weights = weights_;
    return std::move(result_);
  }

 private:
  // The problems of a level; of those before it, too, if it needs them solved.
  void plan_level(std::size_t level) {
    if (level == 0) return plan(level, 0, all_rows_, all_rows_);
    const Negatives& negatives = options_.of(level).negatives;
    if (negatives.matcher) work_off();
    const LevelRows* rows = &levels_[level - 1];
    const LevelRows* shared = negatives.teacher_forcing ? rows : nullptr;
    if (negatives.matcher) {
      const LevelRows& matched = joined_.emplace_back(match(level - 1));
      rows = &united(rows, matched);
      shared = &united(shared, matched);
    }
    if (negatives.given) {
      rows = &united(rows, given_[level - 1]);
      if (level == given_.size()) shared = &united(shared, given_[level - 1]);
    }
    for (NodeId node = 0; node < tree_.parents(level); ++node)
      plan(level, node, rows->rows(node), shared == nullptr ? std::span<const std::uint32_t>() : shared->rows(node));
  }

  // Rows of either, which live until the problems are solved; null: of none.
  const LevelRows& united(const LevelRows* a, const LevelRows& b) {
    return a == nullptr ? b : joined_.emplace_back(LevelRows::united(*a, b));
  }

  // The rows that the beam brings to each node of a level that is trained.
  LevelRows match(std::size_t level) {
    const auto start = Clock::now();
    const std::span trained = std::span<const LevelChunks>(result_.chunks).first(level + 1);
    LevelRows rows = match_rows(x_, tree_, trained, options_.matcher, parallel_);
    result_.match_seconds += seconds_since(start);
    return rows;
  }

  // Trains all that has been planned.
  void work_off() {
    // Ties in the order of the tree, so that the queue is the same every time.
    std::stable_sort(jobs_.begin(), jobs_.end(), [](const Job& a, const Job& b) { return a.cost > b.cost; });
    std::uint64_t cost = 0;
    for (const Job& job : jobs_)
      cost += job.cost;
    {
      Phase phase(parallel_.observer(), "train", cost, "rows");
      parallel_.for_each(jobs_.size(), [&](std::size_t job, unsigned worker) {
        work(jobs_[job], workers_[worker]);
        phase.advance(jobs_[job].cost);
      });
    }
    jobs_.clear();
    parents_.clear();
    joined_.clear();
  }

  std::span<const std::uint32_t> positives_of(const Parent& parent, std::uint32_t child) const {
    return levels_[parent.level].rows(tree_.children(parent.level, parent.node).front() + child);
  }

  void plan(std::size_t level, NodeId node, std::span<const std::uint32_t> rows,
            std::span<const std::uint32_t> shared) {
    auto parent = std::make_unique<Parent>();
    parent->level = level;
    parent->node = node;
    parent->rows = rows;
    parent->shared = shared;
    parent->in_place = parent->rows.size() > x_.rows / 2;
    group_children(*parent);
    // A parent without groups is a job too: somebody has to make its chunk. Rows that are not copied need not be
    // shared.
    const std::size_t groups = std::max<std::size_t>(parent->groups.size(), 1);
    const std::size_t per_job = parent->in_place ? 1 : groups;
    parent->open_jobs = (groups + per_job - 1) / per_job;
    for (std::size_t first = 0; first < groups; first += per_job)
      jobs_.push_back(
          {parent.get(), first, std::min(first + per_job, parent->groups.size()), parent->rows.size() * per_job});
    parents_.push_back(std::move(parent));
  }

  // Children with similar numbers of positive rows need similar numbers of passes: they go together.
  void group_children(Parent& parent) {
    const NodeRange children = tree_.children(parent.level, parent.node);
    std::vector<std::uint32_t> solved;
    KeptWeights without_rows;
    for (std::uint32_t child = 0; child < children.size(); ++child) {
      if (!positives_of(parent, child).empty())
        solved.push_back(child);
      else
        without_rows.add_without_rows(child, kBiasWithoutRows);
    }
    if (parent.level + 1 == tree_.depth()) result_.labels_without_rows += children.size() - solved.size();
    std::stable_sort(solved.begin(), solved.end(), [&](std::uint32_t a, std::uint32_t b) {
      return positives_of(parent, a).size() > positives_of(parent, b).size();
    });
    for (std::size_t first = 0; first < solved.size(); first += kLanes) {
      const auto last = std::min(first + kLanes, solved.size());
      parent.groups.emplace_back(solved.begin() + static_cast<std::ptrdiff_t>(first),
                                 solved.begin() + static_cast<std::ptrdiff_t>(last));
      std::sort(parent.groups.back().begin(), parent.groups.back().end());
    }
    parent.kept.resize(parent.groups.size());
    parent.kept.push_back(std::move(without_rows));
  }

  void work(const Job& job, Worker& worker) {
    Parent& parent = *job.parent;
    if (job.first_group < job.last_group) {
      const auto start = Clock::now();
      if (parent.in_place)
        worker.rows.in_place(x_, parent.rows);
      else
        worker.rows.compact(x_, parent.rows);
      worker.gather_seconds += seconds_since(start);
    }
    for (std::size_t group = job.first_group; group < job.last_group; ++group)
      solve(parent, group, worker);
    if (--parent.open_jobs == 0) collect(parent, worker);
  }

  void solve(Parent& parent, std::size_t group, Worker& worker) {
    const std::vector<std::uint32_t>& children = parent.groups[group];
    auto start = Clock::now();
    worker.positives.assign(parent.rows.size(), 0);
    for (std::size_t lane = 0; lane < children.size(); ++lane) {
      auto row = parent.rows.begin();
      for (const std::uint32_t id : positives_of(parent, children[lane])) {
        row = std::lower_bound(row, parent.rows.end(), id);
        worker.positives[static_cast<std::size_t>(row - parent.rows.begin())] |= static_cast<std::uint16_t>(1U << lane);
      }
    }
    RankerProblem problem = worker.rows.problem();
    problem.positives = worker.positives;
    if (parent.shared.size() < parent.rows.size()) {
      find_absent(parent, children, worker);
      problem.absent = worker.absent;
    }
    if (options_.relevance.levels == Relevance::induce ||
        (options_.relevance.levels == Relevance::last && parent.level + 1 == tree_.depth())) {
      collect_relevance(parent, children, worker);
      problem.relevance = worker.relevance;
      problem.relevance_begin = worker.relevance_begin;
    }
    problem.children = static_cast<std::uint32_t>(children.size());
    problem.seed = options_.seed;
    const std::uint64_t name[] = {parent.level, parent.node, group};
    problem.stream = hash64(std::span<const std::uint64_t>(name));
    const LevelOptions& options = options_.of(parent.level);
    worker.solver.solve(problem, options.solver, parallel_.observer());
    worker.solve_seconds += seconds_since(start);
    start = Clock::now();
    parent.kept[group].add(worker.solver, worker.rows, children, options.solver.bias, options.keep);
    worker.collect_seconds += seconds_since(start);
  }

  // Of the rows that some children do not have, which these are.
  void find_absent(const Parent& parent, std::span<const std::uint32_t> children, Worker& worker) const {
    const auto all = static_cast<std::uint16_t>((1U << children.size()) - 1);
    worker.absent.resize(parent.rows.size());
    std::ranges::transform(worker.positives, worker.absent.begin(),
                           [all](std::uint16_t positives) { return static_cast<std::uint16_t>(all & ~positives); });
    clear(parent.shared, all, parent, worker);
    const bool has_pairs = options_.of(parent.level).negatives.given && parent.level < given_.size();
    const NodeId first = tree_.children(parent.level, parent.node).front();
    for (std::size_t lane = 0; has_pairs && lane < children.size(); ++lane)
      clear(given_[parent.level].rows(first + children[lane]), static_cast<std::uint16_t>(1U << lane), parent, worker);
  }

  // These rows, of the parent's, are not absent in these lanes.
  static void clear(std::span<const std::uint32_t> rows, std::uint16_t lanes, const Parent& parent, Worker& worker) {
    auto row = parent.rows.begin();
    for (const std::uint32_t id : rows) {
      row = std::lower_bound(row, parent.rows.end(), id);
      worker.absent[static_cast<std::size_t>(row - parent.rows.begin())] &= static_cast<std::uint16_t>(~lanes);
    }
  }

  // Of the positives of each row, by child.
  void collect_relevance(const Parent& parent, std::span<const std::uint32_t> children, Worker& worker) const {
    worker.relevance_begin.clear();
    std::uint32_t count = 0;
    for (const std::uint16_t positives : worker.positives) {
      worker.relevance_begin.push_back(count);
      count += static_cast<std::uint32_t>(std::popcount(positives));
    }
    worker.relevance.resize(count);
    std::vector<std::uint32_t> next = worker.relevance_begin;
    const NodeId first = tree_.children(parent.level, parent.node).front();
    for (const std::uint32_t child : children) {
      const std::span<const float> relevance = levels_[parent.level].relevance(first + child);
      const std::span<const std::uint32_t> ids = positives_of(parent, child);
      auto row = parent.rows.begin();
      for (std::size_t i = 0; i < ids.size(); ++i) {
        row = std::lower_bound(row, parent.rows.end(), ids[i]);
        worker.relevance[next[static_cast<std::size_t>(row - parent.rows.begin())]++] = relevance[i];
      }
    }
  }

  void collect(Parent& parent, Worker& worker) {
    const auto start = Clock::now();
    const NodeId children = tree_.children(parent.level, parent.node).size();
    std::string& chunk = result_.chunks[parent.level][parent.node];
    chunk = KeptWeights::chunk(parent.kept, children, x_.cols, options_.of(0).keep.type);
    weights_ += ChunkView::trusted(chunk).weights();
    parent.kept = {};
    worker.collect_seconds += seconds_since(start);
  }

  const CsrView x_;
  const LabelTree& tree_;
  const TrainOptions& options_;
  Parallel& parallel_;
  std::vector<std::uint32_t> all_rows_;
  std::vector<LevelRows> levels_;
  std::vector<LevelRows> given_;  // of all levels or all but the last
  std::deque<LevelRows> joined_;  // of planned problems
  std::vector<std::unique_ptr<Parent>> parents_;
  std::vector<Job> jobs_;
  std::vector<Worker> workers_;
  std::atomic<std::uint64_t> weights_{0};
  TrainedLevels result_;
};

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

}  // namespace

TrainedLevels train_xr_linear(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                              Parallel& parallel) {
  check_shapes(x, y, tree);
  check_levels(options, tree);
  check_given(x, options, tree);
  if (options.relevance.levels != Relevance::none) check_relevance(y);
  return Trainer(x, y, tree, options, parallel).run();
}

}  // namespace xmr
