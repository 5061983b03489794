#pragma once
// Training of an XR-Linear model (PECOS, JMLR 23(98), 2022). The positives of a node's ranker are the rows with a label
// below the node. Its other rows are a union of: rows with a label below the parent (teacher-forcing negatives), rows
// that the beam of the levels above brings to the parent (matcher-aware negatives, matcher.hpp), given rows. At the
// first level they are all rows.
//
//   TrainedLevels trained = train_xr_linear(x, y, tree, options, parallel);
//   write_model(NpzWriter(path), {.tree = tree, .features = x.cols, .levels = trained.chunks, ...});
//
// A level with matcher-aware negatives waits for the levels above it. Levels that do not wait form a stage: one queue
// of problems, the most expensive first (cost_model.hpp). The weights of a parent go straight into its chunk. The
// result does not depend on the number of threads, nor on the process that trains a piece:
//
//   XrLinearTrainer trainer(x, y, tree, options, parallel);
//   trainer.train(some_of(trainer.pieces(stage)), matched, [&](TrainedPiece&& piece) { ... });
//
// Problems that a trained model has solved need not be solved again (solved_parents.hpp).
//
// A node without positive rows has no weights and the bias kBiasWithoutRows: it ranks behind all others.
// Memory beside X, Y, tree and model: 8 bytes a row, and 4 a pair of row and node of each level. A thread holds 64
// bytes a row and 64 bytes a feature of its parent, and a copy of the parent's rows unless the parent has more than
// half of all rows. If a parent has more, X is copied if memory allows it (copied_rows.hpp). Matching adds 12 bytes for
// each row and node of its beam, and a copy of the levels above. Thread rule: one thread at a time per trainer. Errors:
// ConfigError if the number of levels does not fit or levels have different types of weights; DataError if shapes do
// not fit, Y has no label, values overflow or a relevance is not above 0; Interrupted.

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

// The bias of a node without positive rows. Margins of trained rankers seldom fall below -2; l3-hinge scores -10 as 0.
inline constexpr float kBiasWithoutRows = -10;

struct TrainCounts {
  SolverCounters solver;
  std::uint64_t weights = 0;              // stored, without biases
  std::uint64_t labels_without_rows = 0;  // labels with the bias kBiasWithoutRows
  std::uint64_t parents_kept = 0;         // parents taken from SolvedParents

  TrainCounts& operator+=(const TrainCounts& other);
};

// A finished piece. Its chunk has the weights and biases of its groups and none of other children. join_chunks() makes
// the chunk of a parent from its pieces.
struct TrainedPiece {
  Piece piece;
  std::string chunk;
  TrainCounts counts;
  std::uint64_t problem = 0;  // the hash of the parent's problem (problem_hash.hpp)
};

// The sums over threads.
struct TrainSeconds {
  double gather = 0, solve = 0, collect = 0;
};

struct MemoryLimit {
  std::uint64_t bytes = 0;                       // of the process, without mapped files
  std::uint64_t elsewhere = 0;                   // the bytes of these that the trainer does not hold
  std::uint64_t max_chunks = ~std::uint64_t{0};  // the bytes of trained pieces in memory at a time
};

class XrLinearTrainer {
 public:
  // The arguments must outlive the trainer.
  XrLinearTrainer(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options, Parallel& parallel);
  ~XrLinearTrainer();
  XrLinearTrainer(const XrLinearTrainer&) = delete;
  XrLinearTrainer& operator=(const XrLinearTrainer&) = delete;

  // As ParentProblems::pieces() and rows().
  std::vector<Piece> pieces(const LevelRange& levels) const;
  std::span<const std::uint32_t> rows(std::size_t level, NodeId parent) const;
  // Returns a flag for each row of x: true if train() of these pieces reads it.
  std::vector<bool> rows_of(std::span<const Piece> pieces, const LevelRows* matched);
  // Trains pieces of one stage, in any order. `matched`: the rows that the beam brings to each node above the first
  // level of the stage (matcher.hpp); null for the first stage. Any thread calls finished() with a finished piece.
  using Finished = std::function<void(TrainedPiece&&)>;
  void train(std::span<const Piece> pieces, const LevelRows* matched, const Finished& finished);

  // Limits the memory of train(), as estimated from sizes (cost_model.hpp). Problems wait until they fit
  // (problem_queue.hpp). If a problem never fits, train() throws DataError.
  void limit_memory(const MemoryLimit& limit);

  // Makes train() take over the solved parents of a trained model, which must outlive the trainer.
  void start_from(const SolvedParents& solved);

  const TrainSeconds& seconds() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

// All levels in memory.
struct TrainedLevels {
  std::vector<LevelChunks> chunks;
  std::vector<std::vector<std::uint64_t>> problems;  // [level][parent]
  TrainCounts counts;
  TrainSeconds seconds;
  double match_seconds = 0;  // of wall time
};

TrainedLevels train_xr_linear(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                              Parallel& parallel, const std::optional<MemoryLimit>& limit = {},
                              const SolvedParents* solved = nullptr);

}  // namespace xmr
