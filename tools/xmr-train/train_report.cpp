#include "xmr-train/train_report.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "xmr/io/json.hpp"

namespace xmr::tools {

void report_training(const TrainCounts& counts, const LabelTree& tree, const SolverOptions& solver, Run& run) {
  std::uint64_t rankers = 0;
  for (std::size_t level = 0; level < tree.depth(); ++level)
    rankers += tree.nodes(level);
  if (counts.labels_without_rows > 0)
    run.observer().warn(fmt::format("{} of {} labels have no row and rank behind all others",
                                    counts.labels_without_rows, tree.label_count()));
  if (counts.solver.unconverged > 0)
    run.observer().warn(fmt::format("{} of {} rankers stopped at --max-iterations {} before --eps {} was reached",
                                    counts.solver.unconverged, rankers, solver.max_iterations, solver.eps));
  run.record("rankers", rankers);
  run.record("weights", counts.weights);
  run.record("labels_without_rows", counts.labels_without_rows);
  run.record("solver", Json{{"problems", counts.solver.problems},
                            {"passes", counts.solver.passes},
                            {"row_visits", counts.solver.visits},
                            {"row_updates", counts.solver.updates},
                            {"entries_visited", counts.solver.entries},
                            {"unconverged", counts.solver.unconverged}});
}

void report_seconds(const TrainSeconds& seconds, Run& run) {
  run.record("thread_seconds",
             Json{{"gather", seconds.gather}, {"solve", seconds.solve}, {"collect", seconds.collect}});
}

void report_kept(const LinearInputs& in, const TrainCounts& counts, Run& run) {
  if (!in.solved) return;
  std::uint64_t parents = 0;
  for (std::size_t level = 0; level < in.tree.depth(); ++level)
    parents += in.tree.parents(level);
  if (counts.parents_kept == 0)
    run.observer().warn(
        fmt::format("none of {} parents has the rows and options of a parent in {}; all were trained again", parents,
                    in.solved->model().name()));
  run.record("parents", parents);
  run.record("parents_kept", counts.parents_kept);
}

}  // namespace xmr::tools
