#pragma once
// Training of an XR-Linear model (PECOS, JMLR 23(98), 2022): the ranker of a node is learnt on the rows that have a
// label below the node's parent (teacher-forcing negatives), on those that the beam of the levels above brings there
// (matcher-aware negatives, matcher.hpp), on given ones, or some of these; on all rows at the first level. Those that
// have a label below the node itself are its positives.
//
//   TrainedLevels trained = train_xr_linear(x, y, tree, options, parallel);
//   write_model(NpzWriter(path), {.tree = tree, .features = x.cols, .levels = trained.chunks, ...});
//
// A level with matcher-aware negatives waits for those above, others do not: what need not wait is a stage, one queue
// of (level, parent) problems, largest first. Each parent's weights go straight into its chunk. The result does not
// depend on the number of threads, nor on which process trains what:
//
//   XrLinearTrainer trainer(x, y, tree, options, parallel);
//   trainer.train(some_of(trainer.pieces(stage)), matched, [&](TrainedPiece&& piece) { ... });
//
// Each parent's problem has a hash, and what a trained model has solved need not be solved again (solved_parents.hpp).
//
// A node without positive rows has no weights and a bias of kBiasWithoutRows, so that it ranks behind all others.
// Memory beside X, Y, tree and model: 8 bytes a row, and 4 a pair of row and node of each level; a thread holds
// 64 bytes a row and 64 bytes a feature of its parent, and a copy of the parent's rows unless the parent has more than
// half of all. Where the first level is trained, X is copied besides, if memory allows it (copied_rows.hpp). Matching
// adds 12 bytes for each row and node of its beam, and a copy of the levels above.
// Thread rule: one thread at a time per trainer.
// Errors: ConfigError (options of another number of levels, or of several types of weights), DataError (shapes that do
// not fit, no label at all, values that overflow, a relevance that is not above 0), Interrupted.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/train/lane_solver.hpp"
#include "xmr/train/level_rows.hpp"
#include "xmr/train/parent_problems.hpp"
#include "xmr/train/solved_parents.hpp"
#include "xmr/train/train_options.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Margins of trained rankers seldom fall below -2; in l3-hinge this is a score of 0.
inline constexpr float kBiasWithoutRows = -10;

struct TrainCounts {
  SolverCounters solver;
  std::uint64_t weights = 0;              // kept, without biases
  std::uint64_t labels_without_rows = 0;  // see kBiasWithoutRows
  std::uint64_t parents_kept = 0;         // of a trained model, see SolvedParents

  TrainCounts& operator+=(const TrainCounts& other);
};

// The chunk of a piece has the weights and biases of its groups, and nothing for other children: pieces of a parent
// make its chunk by join_chunks().
struct TrainedPiece {
  Piece piece;
  std::string chunk;
  TrainCounts counts;
  std::uint64_t problem = 0;  // of its parent (problem_hash.hpp)
};

// Sums over threads.
struct TrainSeconds {
  double gather = 0, solve = 0, collect = 0;
};

struct MemoryLimit {
  std::uint64_t bytes = 0;                        // of the whole process, mapped files not counted
  std::uint64_t elsewhere = 0;                    // of these, what the trainer does not know of
  std::uint64_t most_chunks = ~std::uint64_t{0};  // bytes of trained pieces that are in memory at a time
};

class XrLinearTrainer {
 public:
  // All of these must outlive it.
  XrLinearTrainer(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options, Parallel& parallel);
  ~XrLinearTrainer();
  XrLinearTrainer(const XrLinearTrainer&) = delete;
  XrLinearTrainer& operator=(const XrLinearTrainer&) = delete;

  // All pieces of these levels, in the order of the tree: a parent each, or a group each of parents that teacher
  // forcing gives more than half of the rows (of more than 256 groups several each).
  std::vector<Piece> pieces(const LevelRange& levels) const;
  // Rows that teacher forcing gives a parent. All rows at the first level.
  std::span<const std::uint32_t> rows(std::size_t level, NodeId parent) const;
  // Which rows of x train() of these pieces reads, a flag each; it does not look at others.
  std::vector<bool> rows_of(std::span<const Piece> pieces, const LevelRows* matched);
  // Trains pieces of one stage, in any order. `matched`: the rows that the beam brings to each node above the first of
  // its levels (matcher.hpp), null for the first stage. finished() is called with each, by any thread.
  using Finished = std::function<void(TrainedPiece&&)>;
  void train(std::span<const Piece> pieces, const LevelRows* matched, const Finished& finished);

  // For train(): let problems wait where threads would hold more memory than that, as far as sizes tell it
  // (estimate.hpp, problem_queue.hpp). DataError if it cannot be.
  void limit_memory(const MemoryLimit& limit);

  // For train(): take over what a trained model has solved. Must outlive it.
  void start_from(const SolvedParents& solved);

  const TrainSeconds& seconds() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

// All of it in memory.
struct TrainedLevels {
  std::vector<LevelChunks> chunks;
  std::vector<std::vector<std::uint64_t>> problems;  // of each level and parent
  TrainCounts counts;
  TrainSeconds seconds;
  double match_seconds = 0;  // by the clock
};

TrainedLevels train_xr_linear(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                              Parallel& parallel, const std::optional<MemoryLimit>& limit = {},
                              const SolvedParents* solved = nullptr);

}  // namespace xmr
