#pragma once
// What there is to solve: for each parent of the tree the rows that its children are learnt on, which children have
// which of them, and a name of the whole problem, which is the same for equal problems wherever they come from
// (problem_hash.hpp). trainer.hpp solves them.
//
//   ParentProblems problems(x, y, tree, options, parallel);
//   for (const ParentProblem& problem : problems.of(problems.pieces(levels), matched)) {
//     problems.mark(problem, some_children, marks);   problems.hash(problem); ...
//   }
//
// Memory beside X, Y and tree: 8 bytes a row, and 4 a pair of row and node of each level (8 with relevance); of() adds
// the rows of levels whose negatives come from more than one place.
// Thread rule: const methods from any thread; of() and forget() from one, when no other works.
// Errors: ConfigError (options that do not fit each other or the tree), DataError (shapes that do not fit, no label at
// all, a relevance that is not above 0).

#include <compare>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/train/cost_model.hpp"
#include "xmr/train/level_rows.hpp"
#include "xmr/train/train_options.hpp"
#include "xmr/util/huge_pages.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Some groups of a parent's children: what one thread trains. Children that have rows are put
// into groups of up to 16, which are solved together; the first group has those without rows besides. A parent has at
// least one group.
struct Piece {
  std::uint32_t level = 0;
  NodeId parent = 0;
  std::uint32_t first = 0, last = 0;  // groups first..last-1
  std::uint32_t groups = 0;           // of the parent

  bool is_whole() const { return first == 0 && last == groups; }
  auto operator<=>(const Piece&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 finds a 0 in it
};

// Levels first..last-1.
struct LevelRange {
  std::size_t first = 0, last = 0;
};
// Levels that need not wait for each other: each stage but the first begins with a level that has matcher-aware
// negatives.
std::vector<LevelRange> stages_of(const TrainOptions& options, std::size_t depth);

// The rows of a piece's parent, which are those of its problem.
struct ParentProblem {
  Piece piece;
  std::span<const std::uint32_t> rows;
  std::span<const std::uint32_t> shared;  // the rows that all children have
  std::uint64_t cost = 0;                 // solve_cost(), set by the trainer

  bool has_absent() const { return shared.size() < rows.size(); }
  std::uint64_t groups() const { return piece.last - piece.first; }
  std::uint64_t visits() const { return rows.size() * groups(); }  // of rows, in one pass
};

// Numbers of a parent's children, from 0. Those that have rows come in the order of their groups: most rows first,
// because similar numbers of rows need similar numbers of passes.
struct SolvedChildren {
  std::vector<std::uint32_t> solved, without_rows;

  std::uint32_t groups() const;
  // Of the groups first..last-1.
  std::span<const std::uint32_t> of_groups(std::size_t first, std::size_t last) const;
};

// What RankerProblem wants to know of each row; use one again and again.
struct RowMarks {
  HugeVector<std::uint16_t> positives, absent;
  std::vector<float> relevance;
  std::vector<Offset> relevance_begin;  // 2³² rows may have up to 16 positives each
};

class ParentProblems {
 public:
  // All of these must outlive it.
  ParentProblems(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options, Parallel& parallel);

  // All pieces of these levels, in the order of the tree: a parent each, or a group each of parents that teacher
  // forcing gives more than half of the rows (of more than 256 groups several each).
  std::vector<Piece> pieces(const LevelRange& levels) const;
  // Rows that teacher forcing gives a parent. All rows at the first level.
  std::span<const std::uint32_t> rows(std::size_t level, NodeId parent) const;

  // The problems of pieces of one stage, until forget(). `matched`: the rows that the beam brings to each node above
  // the first of its levels, null for the first stage. Does not look at the content of rows.
  std::vector<ParentProblem> of(std::span<const Piece> pieces, const LevelRows* matched);
  void forget() { joined_.clear(); }
  // Which rows of X some problems have, a flag each.
  std::vector<bool> rows_of(std::span<const ParentProblem> problems) const;
  // For hash(): looks at these rows.
  void prepare_hashes(std::span<const ParentProblem> problems, Parallel& parallel);

  SolvedChildren children(const Piece& piece) const;
  std::span<const std::uint32_t> positives(const Piece& piece, std::uint32_t child) const;
  // Whether a parent with so many rows is solved on X itself: a copy of its rows would be X again.
  bool is_in_place(std::size_t rows) const { return is_solved_in_place(rows, x_.rows); }
  // Of the problem's rows, what up to 16 children make of them.
  void mark(const ParentProblem& problem, std::span<const std::uint32_t> children, RowMarks& marks) const;
  // All that determines the chunk of the problem's parent: options, rows in their order, and what each child makes of
  // them. Rows count by content and place among those of the parent, so that it does not matter what other rows and
  // nodes there are. Only after prepare_hashes() and before forget().
  std::uint64_t hash(const ParentProblem& problem) const;

  // Of memory, without the tree and the inputs.
  std::uint64_t bytes() const;

 private:
  // Rows of each parent of a level, and of these those that all children have; null: none.
  struct RowsOfLevel {
    const LevelRows* rows = nullptr;
    const LevelRows* shared = nullptr;
  };
  RowsOfLevel rows_of_level(std::size_t level, const LevelRows* matched);
  const LevelRows& united(const LevelRows* a, const LevelRows& b);
  NodeId first_child(const Piece& piece) const { return tree_.children(piece.level, piece.parent).front(); }
  bool has_given_pairs(std::size_t level) const;
  bool has_relevance(std::size_t level) const;
  void mark_absent(const ParentProblem& problem, std::span<const std::uint32_t> children, RowMarks& marks) const;
  void mark_relevance(const ParentProblem& problem, std::span<const std::uint32_t> children, RowMarks& marks) const;

  const CsrView x_;
  const LabelTree& tree_;
  const TrainOptions& options_;
  std::vector<std::uint32_t> all_rows_;
  std::vector<LevelRows> levels_;
  std::vector<LevelRows> given_;           // of all levels or all but the last
  std::deque<LevelRows> joined_;           // of the problems in work
  std::vector<std::uint64_t> row_hashes_;  // of those of X that are needed
};

}  // namespace xmr
