#pragma once
// The problems of training, one for each parent of the tree: the rows of its children, the positives of each child, and
// the hash of the problem (problem_hash.hpp). trainer.hpp solves them.
//
//   ParentProblems problems(x, y, tree, options, parallel);
//   for (const ParentProblem& problem : problems.of(problems.pieces(levels), matched)) {
//     problems.mark(problem, some_children, marks);   problems.hash(problem); ...
//   }
//
// Memory beside X, Y and tree: 8 bytes a row, and 4 a pair of row and node of each level (8 with relevance). of() adds
// the rows of levels whose negatives have more than one source. Thread rule: const methods from any thread; of() and
// forget() from one thread while no other call runs. Errors: ConfigError if options do not fit each other or the tree;
// DataError if shapes do not fit, if Y has no label, or if a relevance is not above 0.

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

// The unit of work of training: some groups of a parent's children, trained by one thread. Children with rows form
// groups of up to 16, which are solved together. The first group also has the children without rows. A parent has at
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
// Returns the stages: ranges of levels that are trained together. A level with matcher-aware negatives begins a stage.
std::vector<LevelRange> stages_of(const TrainOptions& options, std::size_t depth);

// The problem of a piece: the rows of its parent.
struct ParentProblem {
  Piece piece;
  std::span<const std::uint32_t> rows;
  std::span<const std::uint32_t> shared;  // the rows that all children have
  std::uint64_t cost = 0;                 // solve_cost(), set by the trainer

  bool has_absent() const { return shared.size() < rows.size(); }
  std::uint64_t groups() const { return piece.last - piece.first; }
  std::uint64_t visits() const { return rows.size() * groups(); }  // of rows, in one pass
};

// The children of a parent, by number from 0. `solved` have rows and are in the order of their groups, most rows first:
// similar numbers of rows need similar numbers of passes.
struct SolvedChildren {
  std::vector<std::uint32_t> solved, without_rows;

  std::uint32_t groups() const;
  // The children of the groups first..last-1.
  std::span<const std::uint32_t> of_groups(std::size_t first, std::size_t last) const;
};

// The fields of RankerProblem for each row. Reuse an object: it keeps its memory.
struct RowMarks {
  HugeVector<std::uint16_t> positives, absent;
  std::vector<float> relevance;
  std::vector<Offset> relevance_begin;  // 64 bits: 2^32 rows with up to 16 positives each
};

class ParentProblems {
 public:
  // The arguments must outlive the object.
  ParentProblems(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options, Parallel& parallel);

  // The pieces of these levels in the order of the tree. A piece is a parent. If teacher forcing gives a parent more
  // than half of the rows, a piece is a group of it, or several groups: a parent has at most 256 pieces.
  std::vector<Piece> pieces(const LevelRange& levels) const;
  // The rows that teacher forcing gives a parent. At the first level: all rows.
  std::span<const std::uint32_t> rows(std::size_t level, NodeId parent) const;

  // The problems of pieces of one stage, valid until forget(). `matched`: the rows that the beam brings to each node
  // above the first level of the stage; null for the first stage. Does not read the content of rows.
  std::vector<ParentProblem> of(std::span<const Piece> pieces, const LevelRows* matched);
  void forget() { joined_.clear(); }
  // Returns a flag for each row of X: true if one of the problems has it.
  std::vector<bool> rows_of(std::span<const ParentProblem> problems) const;
  // Prepares hash(): reads the rows of the problems.
  void prepare_hashes(std::span<const ParentProblem> problems, Parallel& parallel);

  SolvedChildren children(const Piece& piece) const;
  std::span<const std::uint32_t> positives(const Piece& piece, std::uint32_t child) const;
  // Returns true if a parent with so many rows is solved on X itself.
  bool is_in_place(std::size_t rows) const { return is_solved_in_place(rows, x_.rows); }
  // Sets the marks of the problem's rows for up to 16 children.
  void mark(const ParentProblem& problem, std::span<const std::uint32_t> children, RowMarks& marks) const;
  // The hash of everything that determines the chunk of the parent: options, rows in their order, and the marks of each
  // child. A row counts by its content and its place among the parent's rows; other rows and nodes have no influence.
  // Requires prepare_hashes(), before forget().
  std::uint64_t hash(const ParentProblem& problem) const;

  // The bytes of memory, without the tree and the inputs.
  std::uint64_t bytes() const;

 private:
  // The rows of each parent of a level, and the subset that all children have; null: none.
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
  std::vector<LevelRows> given_;           // of all levels, or of all but the last
  std::deque<LevelRows> joined_;           // of the problems since forget()
  std::vector<std::uint64_t> row_hashes_;  // of the rows of prepare_hashes()
};

}  // namespace xmr
