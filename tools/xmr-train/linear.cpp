// xmr-train linear: trains an XR-Linear model.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "xmr/distributed/checkpoint.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/output_folder.hpp"
#include "xmr/train/estimate.hpp"
#include "xmr/util/error.hpp"

#include "common/estimate.hpp"
#include "common/options.hpp"
#include "xmr-train/commands.hpp"
#include "xmr-train/learning_options.hpp"
#include "xmr-train/linear_inputs.hpp"
#include "xmr-train/train_report.hpp"

namespace xmr::tools {
namespace {

// The time of --dry-run for a sample of the problems.
constexpr double kSampleSeconds = 2;
// Weights of a chunk for each feature of its positives, at most about this many: negatives have features of their own.
// With --memory, finished pieces go to the disk if by this estimate they take a quarter of the limit.
constexpr std::uint64_t kWeightsOfFeature = 4;

struct LinearOptions {
  TrainPaths paths;
  LearningOptions learning;
  std::string checkpoint, init;
  bool dry_run = false;
  std::uint32_t keep_levels = 0;
  std::uint64_t memory = 0;  // bytes; 0: no limit

  void add_to(CLI::App& app) {
    paths.add_to(app);
    app.add_flag("--dry-run", dry_run,
                 "Prints an estimate of peak memory, seconds and the size of the model, and writes nothing");
    app.add_option("--checkpoint", checkpoint,
                   "Folder that holds the work done so far: a run that was killed goes on when it is started again")
        ->type_name("FOLDER");
    app.add_option("--init", init, kInitHelp)->type_name("FILE");
    app.add_option("--keep-levels", keep_levels,
                   "Number of upper levels whose rankers are taken from --init even if their rows have changed. The "
                   "model then differs from one trained anew")
        ->transform(range(0U, 63U));
    app.add_option("--memory", memory, kMemoryHelp)->transform(size_in_bytes())->type_name("SIZE")->default_str("");
    learning.add_to(app);
  }

  // Throws ConfigError if options contradict each other.
  void check() const {
    check_dash_once("stdin", {paths.x.paths,
                              {paths.y, paths.vectorizer, paths.labels},
                              {learning.tree, learning.label_rows, learning.given_negatives(), init}});
    if (init.empty() && keep_levels > 0) throw ConfigError("--keep-levels: needs --init");
    if (!init.empty() && dry_run) throw ConfigError("--init: --dry-run cannot estimate how many parents are kept");
    learning.check(paths);
  }
};

bool goes_to_file(const std::string& output) {
  return output != "-" && (!std::filesystem::exists(output) || std::filesystem::is_regular_file(output));
}

void train_linear(const LinearOptions& options, Run& run) {
  options.check();
  check_dash_once("stdout", {{options.paths.output, run.common().stats}});
  if (options.memory > 0) keep_no_freed_memory();
  LinearInputs in(options.learning.features(options.paths, run.observer()), options.learning.paths(options.paths));
  const std::optional<LabelNames> names =
      read_names(options.paths.labels, in.tree.label_count(), options.learning.tree);
  TrainOptions train = options.learning.training(run.common().seed, in.tree);
  in.complete(train);
  const auto estimated = [&](double sample_seconds) {
    return estimate_training(in.features(), in.labels(), in.tree, train, run.parallel(), sample_seconds);
  };
  if (!options.dry_run && options.memory == 0) run.expect_memory([&] { return estimated(0).memory_bytes; });
  if (options.dry_run) {
    TrainEstimate estimate = estimated(kSampleSeconds);
    if (options.memory > 0) estimate.memory_bytes = std::min(estimate.memory_bytes, options.memory + in.mapped_bytes());
    print_estimate(estimate.memory_bytes, estimate.seconds, estimate.model_bytes, options.paths.output, run);
    return;
  }
  in.start_from(options.init, options.keep_levels, train.of(0).keep.type);
  in.x.expect_random_reads();
  NpzWriter out(options.paths.output);
  const auto write = [&](const ChunkTable& chunks, std::span<const std::vector<std::uint64_t>> problems) {
    const Phase phase(run.observer(), "write", 0, "bytes");
    write_model(std::move(out), {.tree = in.tree,
                                 .features = in.x.view().cols,
                                 .weight_type = train.of(0).keep.type,
                                 .levels = chunks,
                                 .defaults = options.learning.prediction(),
                                 .vectorizer = in.vectorizer ? &in.vectorizer->vectorizer() : nullptr,
                                 .vectorizer_fingerprint = in.x.vectorizer(),
                                 .names = names ? names->stored() : StoredNames{},
                                 .options = in.record(train),
                                 .problems = problems});
  };
  in.report(run);
  std::optional<MemoryLimit> limit;
  if (options.memory > 0) limit = in.limit(options.memory);
  std::optional<OutputFolder> pieces;
  if (options.checkpoint.empty() && limit && goes_to_file(options.paths.output) &&
      kWeightsOfFeature * estimated(0).model_bytes > options.memory / 4)
    pieces.emplace(options.paths.output + ".pieces");
  const std::string folder = pieces ? pieces->path() : options.checkpoint;
  if (folder.empty()) {
    const TrainedLevels trained = train_xr_linear(in.features(), in.labels(), in.tree, train, run.parallel(), limit,
                                                  in.solved ? &*in.solved : nullptr);
    write(trained.chunks, trained.problems);
    report_training(trained.counts, in.tree, options.learning.solver, run);
    report_kept(in, trained.counts, run);
    report_seconds(trained.seconds, run);
    run.record("match_seconds", trained.match_seconds);
  } else {
    XrLinearTrainer trainer(in.features(), in.labels(), in.tree, train, run.parallel());
    Checkpoint checkpoint(folder,
                          TrainPlan::make(in.recipe(train, options.learning.prediction()), in.features(), trainer, 1));
    run.record("pieces_found", checkpoint.pieces_found());
    if (limit) {
      limit->max_chunks = Checkpoint::kMaxBytes;
      trainer.limit_memory(*limit);
    }
    if (in.solved) trainer.start_from(*in.solved);
    const MergedLevels trained = checkpoint.train(in.features(), in.tree, train, trainer, run.parallel());
    write(trained.chunks(), trained.problems());
    checkpoint.remove();
    report_training(trained.counts(), in.tree, options.learning.solver, run);
    report_kept(in, trained.counts(), run);
    report_seconds(trainer.seconds(), run);
  }
}

}  // namespace

void add_linear(Tool& tool) {
  tool.command(train_linear)
      .command("linear", "Trains an XR-Linear model: a linear ranker for every node of a label tree.",
               "xmr-index -x X.npz -y Y.npz -o tree.npz\n"
               "xmr-train linear -x X.npz -y Y.npz -t tree.npz -f vec.npz \\\n"
               "  --labels labels.txt -o model.npz",
               train_linear);
}

}  // namespace xmr::tools
