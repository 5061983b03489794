#include "xmr/train/parent_problems.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "xmr/train/problem_hash.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

namespace {

void check_shapes(CsrView x, CsrView y, const LabelTree& tree) {
  if (x.rows != y.rows)
    throw DataError(
        fmt::format("features have {} rows, labels {}: they must be those of the same instances", x.rows, y.rows));
  if (y.cols != tree.label_count())
    throw DataError(fmt::format("the matrix of labels has {} columns, the tree {} labels", y.cols, tree.label_count()));
  constexpr std::uint64_t kMaxRows = std::numeric_limits<std::uint32_t>::max();
  if (x.rows > kMaxRows) throw DataError(fmt::format("{} rows, at most {} can be trained on", x.rows, kMaxRows));
  if (y.nnz() == 0) throw DataError("no row has a label");
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

void check_relevance(CsrView y, const std::string& name) {
  for (Row row = 0; row < y.rows; ++row)
    for (std::size_t i = 0; i < y.row(row).size(); ++i)
      if (!(y.row(row).values[i] > 0))
        throw DataError(name, fmt::format("row {}: label {} has the relevance {}, which must be above 0", row,
                                          y.row(row).indices[i], y.row(row).values[i]));
}

// Calls f(place) with the index of each of some rows among the rows; both increase.
template <class F>
void for_each_place(std::span<const std::uint32_t> some, std::span<const std::uint32_t> rows, F f) {
  auto row = rows.begin();
  for (const std::uint32_t id : some) {
    row = std::lower_bound(row, rows.end(), id);
    f(static_cast<std::size_t>(row - rows.begin()));
  }
}

std::uint16_t lane_bit(std::size_t lane) {
  return static_cast<std::uint16_t>(1U << lane);
}

}  // namespace

std::vector<LevelRange> stages_of(const TrainOptions& options, std::size_t depth) {
  std::vector<LevelRange> stages{{0, 1}};
  for (std::size_t level = 1; level < depth; ++level) {
    if (options.of(level).negatives.matcher) stages.push_back({level, level});
    ++stages.back().last;
  }
  return stages;
}

std::uint32_t SolvedChildren::groups() const {
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>((solved.size() + kLanes - 1) / kLanes));
}

std::span<const std::uint32_t> SolvedChildren::of_groups(std::size_t first, std::size_t last) const {
  const std::size_t begin = std::min(first * kLanes, solved.size()), end = std::min(last * kLanes, solved.size());
  return std::span(solved).subspan(begin, end - begin);
}

ParentProblems::ParentProblems(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                               Parallel& parallel)
    : x_(x), tree_(tree), options_(options) {
  check_shapes(x, y, tree);
  check_levels(options, tree);
  check_given(x, options, tree);
  if (options.relevance.levels != Relevance::none) check_relevance(y, options.y_name);
  all_rows_.resize(x.rows);
  std::iota(all_rows_.begin(), all_rows_.end(), 0U);
  levels_ = LevelRows::push_up(y, tree, parallel, options.relevance);
  if (!options.given) return;
  const bool of_labels = options.given->cols == tree.label_count();
  given_ = LevelRows::push_up(*options.given, of_labels ? tree : tree.first_levels(tree.depth() - 1), parallel);
}

std::vector<Piece> ParentProblems::pieces(const LevelRange& levels) const {
  std::vector<Piece> pieces;
  for (std::size_t level = levels.first; level < levels.last; ++level)
    for (NodeId parent = 0; parent < tree_.parents(level); ++parent) {
      Piece piece{.level = static_cast<std::uint32_t>(level), .parent = parent};
      piece.groups = children(piece).groups();
      // A parent in place has no copy to share between pieces. More pieces cost memory: each chunk has a bias for every
      // child.
      constexpr std::uint32_t kMaxPieces = 256;
      const std::uint32_t step =
          is_in_place(rows(level, parent).size()) ? (piece.groups + kMaxPieces - 1) / kMaxPieces : piece.groups;
      for (; piece.first < piece.groups; piece.first = piece.last) {
        piece.last = std::min(piece.first + step, piece.groups);
        pieces.push_back(piece);
      }
    }
  return pieces;
}

std::span<const std::uint32_t> ParentProblems::rows(std::size_t level, NodeId parent) const {
  return level == 0 ? std::span<const std::uint32_t>(all_rows_) : levels_[level - 1].rows(parent);
}

std::vector<ParentProblem> ParentProblems::of(std::span<const Piece> pieces, const LevelRows* matched) {
  std::vector<std::optional<RowsOfLevel>> rows(tree_.depth());
  std::vector<ParentProblem> problems;
  for (const Piece& piece : pieces) {
    if (piece.level == 0) {
      problems.push_back({piece, all_rows_, all_rows_});
      continue;
    }
    std::optional<RowsOfLevel>& of_level = rows[piece.level];
    if (!of_level) of_level = rows_of_level(piece.level, matched);
    problems.push_back({piece, of_level->rows->rows(piece.parent), {}});
    if (of_level->shared != nullptr) problems.back().shared = of_level->shared->rows(piece.parent);
  }
  return problems;
}

std::vector<bool> ParentProblems::rows_of(std::span<const ParentProblem> problems) const {
  std::vector<bool> rows(x_.rows);
  const auto has_all = [&](const ParentProblem& problem) { return problem.rows.size() == x_.rows; };
  if (std::ranges::any_of(problems, has_all)) {
    rows.flip();
    return rows;
  }
  for (const ParentProblem& problem : problems)
    for (const std::uint32_t row : problem.rows)
      rows[row] = true;
  return rows;
}

void ParentProblems::prepare_hashes(std::span<const ParentProblem> problems, Parallel& parallel) {
  row_hashes_ = {};
  row_hashes_ = hash_rows(x_, rows_of(problems), parallel);
}

ParentProblems::RowsOfLevel ParentProblems::rows_of_level(std::size_t level, const LevelRows* matched) {
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

// The union of the rows, valid until forget(). If `a` is null, returns b.
const LevelRows& ParentProblems::united(const LevelRows* a, const LevelRows& b) {
  return a == nullptr ? b : joined_.emplace_back(LevelRows::united(*a, b));
}

SolvedChildren ParentProblems::children(const Piece& piece) const {
  const auto rows = [&](std::uint32_t child) { return positives(piece, child).size(); };
  SolvedChildren children;
  for (std::uint32_t child = 0; child < tree_.children(piece.level, piece.parent).size(); ++child)
    (rows(child) == 0 ? children.without_rows : children.solved).push_back(child);
  std::ranges::stable_sort(children.solved, std::greater<>(), rows);
  return children;
}

std::span<const std::uint32_t> ParentProblems::positives(const Piece& piece, std::uint32_t child) const {
  return levels_[piece.level].rows(first_child(piece) + child);
}

void ParentProblems::mark(const ParentProblem& problem, std::span<const std::uint32_t> children,
                          RowMarks& marks) const {
  assert(children.size() <= kLanes);
  marks.positives.assign(problem.rows.size(), 0);
  for (std::size_t lane = 0; lane < children.size(); ++lane)
    for_each_place(positives(problem.piece, children[lane]), problem.rows,
                   [&](std::size_t row) { marks.positives[row] |= lane_bit(lane); });
  marks.absent.clear();
  if (problem.has_absent()) mark_absent(problem, children, marks);
  marks.relevance.clear();
  marks.relevance_begin.clear();
  if (has_relevance(problem.piece.level)) mark_relevance(problem, children, marks);
}

// Marks the children that lack a row.
void ParentProblems::mark_absent(const ParentProblem& problem, std::span<const std::uint32_t> children,
                                 RowMarks& marks) const {
  const auto all = static_cast<std::uint16_t>((1U << children.size()) - 1);
  const auto clear = [&](std::span<const std::uint32_t> rows, std::uint16_t lanes) {
    for_each_place(rows, problem.rows,
                   [&](std::size_t row) { marks.absent[row] &= static_cast<std::uint16_t>(~lanes); });
  };
  marks.absent.resize(problem.rows.size());
  std::ranges::transform(marks.positives, marks.absent.begin(),
                         [all](std::uint16_t positives) { return static_cast<std::uint16_t>(all & ~positives); });
  clear(problem.shared, all);
  if (!has_given_pairs(problem.piece.level)) return;
  for (std::size_t lane = 0; lane < children.size(); ++lane)
    clear(given_[problem.piece.level].rows(first_child(problem.piece) + children[lane]), lane_bit(lane));
}

// Sets the relevance of the positives of each row, by child.
void ParentProblems::mark_relevance(const ParentProblem& problem, std::span<const std::uint32_t> children,
                                    RowMarks& marks) const {
  Offset count = 0;
  for (const std::uint16_t positives : marks.positives) {
    marks.relevance_begin.push_back(count);
    count += static_cast<unsigned>(std::popcount(positives));
  }
  marks.relevance.resize(count);
  std::vector<Offset> next = marks.relevance_begin;
  for (const std::uint32_t child : children) {
    auto relevance = levels_[problem.piece.level].relevance(first_child(problem.piece) + child).begin();
    for_each_place(positives(problem.piece, child), problem.rows,
                   [&](std::size_t row) { marks.relevance[next[row]++] = *relevance++; });
  }
}

std::uint64_t ParentProblems::hash(const ParentProblem& problem) const {
  const Piece& piece = problem.piece;
  const LevelOptions& options = options_.of(piece.level);
  ProblemHash hash(options.solver, options.keep, options_.seed);
  const NodeRange nodes = tree_.children(piece.level, piece.parent);
  hash.add(x_.cols).add(nodes.size()).add(problem.rows.size()).add(is_in_place(problem.rows.size()) ? 1 : 0);
  for (const std::uint32_t row : problem.rows)
    hash.add(row_hashes_[row]);
  const bool has_absent = problem.has_absent();
  hash.add_places(has_absent ? problem.shared : std::span<const std::uint32_t>(), problem.rows);
  for (const NodeId node : nodes) {
    hash.add_places(levels_[piece.level].rows(node), problem.rows);
    if (has_absent && has_given_pairs(piece.level)) hash.add_places(given_[piece.level].rows(node), problem.rows);
    if (!has_relevance(piece.level)) continue;
    for (const float relevance : levels_[piece.level].relevance(node))
      hash.add(std::bit_cast<std::uint32_t>(relevance));
  }
  return hash.value();
}

bool ParentProblems::has_given_pairs(std::size_t level) const {
  return options_.of(level).negatives.given && level < given_.size();
}

bool ParentProblems::has_relevance(std::size_t level) const {
  return options_.relevance.levels == Relevance::induce ||
         (options_.relevance.levels == Relevance::last && level + 1 == tree_.depth());
}

std::uint64_t ParentProblems::bytes() const {
  std::uint64_t bytes = 4 * all_rows_.size() + 8 * row_hashes_.size();
  for (const std::vector<LevelRows>* all : {&levels_, &given_})
    for (const LevelRows& rows : *all)
      bytes += rows.bytes();
  for (const LevelRows& rows : joined_)
    bytes += rows.bytes();
  return bytes;
}

}  // namespace xmr
