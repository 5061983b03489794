// xmr-train plan, part, match and merge: training in parts, each a process of its own.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/distributed/merged_levels.hpp"
#include "xmr/distributed/train_part.hpp"
#include "xmr/distributed/train_plan.hpp"
#include "xmr/io/json.hpp"
#include "xmr/sparse/joined_features.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/train/matcher.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "common/part_number.hpp"
#include "xmr-train/commands.hpp"
#include "xmr-train/learning_options.hpp"
#include "xmr-train/linear_inputs.hpp"
#include "xmr-train/train_report.hpp"

namespace xmr::tools {
namespace {

struct PlanOptions {
  TrainPaths paths;  // without labels
  LearningOptions learning;
  std::uint32_t parts = 0;

  void add_to(CLI::App& app);
};

// The inputs of a plan, given again.
struct PlannedPaths {
  std::string plan;
  std::vector<std::string> x;
  LinearPaths in;
  std::uint32_t stage = 0;

  void add_to(CLI::App& app);
  // Returns all paths except the paths of X.
  std::vector<std::string> files() const {
    return {plan, in.y, in.tree, in.vectorizer, in.label_rows, in.given_negatives};
  }
};

struct PartOptions {
  PlannedPaths planned;
  std::optional<std::uint32_t> part;
  std::uint64_t memory = 0;  // 0: no limit
  std::string matched, init, output;

  void add_to(CLI::App& app);
};

struct MatchOptions {
  PlannedPaths planned;
  std::vector<std::string> parts;
  std::string output;

  void add_to(CLI::App& app);
};

struct MergeOptions {
  std::string plan, tree, vectorizer, labels, output;
  std::vector<std::string> parts;

  void add_to(CLI::App& app);
};

constexpr const char* kLabelTextsHelp = "Vectorizer that made X; required if --label-rows is a text";

CLI::Option* add_file(CLI::App& app, const std::string& name, std::string& path, const std::string& help) {
  return app.add_option(name, path, help)->type_name("FILE");
}

void add_part_files(CLI::App& app, std::vector<std::string>& parts) {
  app.add_option("PART", parts, "Files of xmr-train part, in any order")->type_name("FILE")->required();
}

// A plan and its inputs. Rows of X are not checked here: each step checks the rows that it reads.
struct Planned {
  explicit Planned(const PlannedPaths& paths)
      : plan(TrainPlan::read(paths.plan)),
        in(join_features(paths.x, feature_parts(plan.recipe().options, plan.name()), plan.name(),
                         MatrixFile::Check::rows),
           paths.in),
        train(plan.recipe().train) {
    const TrainRecipe& recipe = plan.recipe();
    check(recipe.x == in.x.fingerprint(), in.x.name());
    check(recipe.y == in.y.fingerprint(), paths.in.y);
    check(recipe.tree == in.tree.fingerprint(), paths.in.tree);
    in.complete(train);
    check_given(recipe.options, "label_rows", in.record(train), "--label-rows");
    check_given(recipe.options, "given_negatives", in.record(train), "--given-negatives");
    if (paths.stage >= plan.stages())
      throw ConfigError(fmt::format("--stage: {} is outside 0..{}", paths.stage, plan.stages() - 1));
  }

  TrainPlan plan;
  LinearInputs in;
  TrainOptions train;

 private:
  void check(bool is_planned, const std::string& name) const {
    if (!is_planned) throw DataError(name, fmt::format("is not the file that {} was made from", plan.name()));
  }
  void check_given(const Json& planned, const char* key, const Json& here, const char* option) const {
    if (planned.contains(key) != here.contains(key))
      throw ConfigError(
          fmt::format("{} was made {} {}", plan.name(), planned.contains(key) ? "with" : "without", option));
    if (planned.contains(key) && planned[key] != here[key])
      throw DataError(option, fmt::format("is not the file that {} was made with", plan.name()));
  }
};

// Reads the output of xmr-train match for a stage.
LevelRows read_matched(const std::string& path, const Planned& planned, std::uint32_t stage) {
  const MatrixFile file(path);
  const auto has = [&](const char* key, const Json& value) {
    return file.content().contains(key) && file.content()[key] == value;
  };
  if (!has("plan", planned.plan.fingerprint()) || !has("stage", stage))
    throw DataError(path,
                    fmt::format("is not the output of xmr-train match for stage {} of {}", stage, planned.plan.name()));
  const LabelTree upper = planned.in.tree.first_levels(planned.plan.stage(stage).first);
  const CsrView rows = file.view();
  if (rows.rows != planned.in.features().rows || rows.cols != upper.label_count())
    throw FormatError(path, fmt::format("{} x {}, {} x {} are needed", rows.rows, rows.cols, planned.in.features().rows,
                                        upper.label_count()));
  return LevelRows::of_labels({&rows, 1}, upper);
}

void PlanOptions::add_to(CLI::App& app) {
  paths.x.add_to(app);
  add_file(app, "-y,--y", paths.y, "Labels of the instances, a matrix")->required();
  add_file(app, "-f,--vectorizer", paths.vectorizer, kLabelTextsHelp);
  app.add_option("--parts", parts, "Number of parts of each stage")
      ->transform(range(1U, TrainPlan::kMaxParts))
      ->type_name("N")
      ->required();
  add_file(app, "-o,--output", paths.output, "Plan to write")->required();
  learning.add_to(app);
}

void run_plan(const PlanOptions& options, Run& run) {
  options.learning.check(options.paths);
  check_dash_once("stdin", {options.paths.x.paths,
                            {options.paths.y, options.paths.vectorizer},
                            {options.learning.tree, options.learning.label_rows, options.learning.given_negatives()}});
  check_dash_once("stdout", {{options.paths.output, run.common().stats}});
  const LinearInputs in(options.learning.features(options.paths, run.observer()),
                        options.learning.paths(options.paths));
  TrainOptions train = options.learning.training(run.common().seed, in.tree);
  in.complete(train);
  NpzWriter out(options.paths.output);
  const XrLinearTrainer trainer(in.features(), in.labels(), in.tree, train, run.parallel());
  const TrainPlan plan =
      TrainPlan::make(in.recipe(train, options.learning.prediction()), in.features(), trainer, options.parts);
  plan.write(std::move(out));
  in.report(run);
  run.record("parts", plan.parts());
  run.record("stages", plan.stages());
}

void PlannedPaths::add_to(CLI::App& app) {
  add_file(app, "--plan", plan, "Plan of xmr-train plan")->required();
  app.add_option("-x,--x", x, "Features of the instances, the same as for the plan")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->required();
  add_file(app, "-y,--y", in.y, "Labels of the instances, the same as for the plan")->required();
  add_file(app, "-t,--tree", in.tree, "Label tree, the same as for the plan")->required();
  add_file(app, "-f,--vectorizer", in.vectorizer, kLabelTextsHelp);
  add_file(app, "--label-rows", in.label_rows, "Label rows, the same as for the plan; required if the plan has them");
  add_file(app, "--given-negatives", in.given_negatives, "File in --negatives of the plan; required if there was one");
  app.add_option("--stage", stage, "Number of the stage, from 0; plans with matcher-aware negatives have several")
      ->transform(range(0U))
      ->type_name("N");
}

void PartOptions::add_to(CLI::App& app) {
  planned.add_to(app);
  app.add_option("--part", part, kPartHelp)->transform(range(0U))->type_name("N");
  add_file(app, "--init", init, kInitHelp);
  app.add_option("--memory", memory, kMemoryHelp)->transform(size_in_bytes())->type_name("SIZE")->default_str("");
  add_file(app, "--matched", matched, "Output of xmr-train match for the stage; required unless --stage is 0");
  add_file(app, "-o,--output", output, "Part to write")->required();
}

void run_part(const PartOptions& options, Run& run) {
  check_dash_once("stdin", {options.planned.x, options.planned.files(), {options.init, options.matched}});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  if (options.memory > 0) keep_no_freed_memory();
  Planned planned(options.planned);
  const PartId id{.stage = options.planned.stage, .part = part_number(options.part, planned.plan.parts())};
  if (options.matched.empty() != (id.stage == 0))
    throw ConfigError(id.stage == 0 ? "--matched: stage 0 has no such file"
                                    : fmt::format("--matched: stage {} needs the output of xmr-train match", id.stage));
  planned.in.start_from(options.init, 0, planned.train.of(0).keep.type);
  NpzWriter out(options.output);
  XrLinearTrainer trainer(planned.in.features(), planned.in.labels(), planned.in.tree, planned.train, run.parallel());
  if (options.memory > 0) trainer.limit_memory(planned.in.limit(options.memory));
  if (planned.in.solved) trainer.start_from(*planned.in.solved);
  std::optional<LevelRows> matched;
  if (id.stage > 0) matched = read_matched(options.matched, planned, id.stage);
  std::mutex mutex;
  std::vector<TrainedPiece> trained;
  TrainCounts counts;
  const std::vector<Piece> pieces = planned.plan.pieces(trainer, id.stage, id.part);
  const LevelRows* const of_beam = matched ? &*matched : nullptr;
  planned.in.check_rows(trainer.rows_of(pieces, of_beam));
  trainer.train(pieces, of_beam, [&](TrainedPiece&& piece) {
    const std::lock_guard lock(mutex);
    counts += piece.counts;
    trained.push_back(std::move(piece));
  });
  run.record("stage", id.stage);
  run.record("part", id.part);
  run.record("pieces", trained.size());
  write_part(std::move(out), planned.plan, id, std::move(trained));
  planned.in.report(run);
  run.record("entries_visited", counts.solver.entries);
  if (planned.in.solved) run.record("parents_kept", counts.parents_kept);
  report_seconds(trainer.seconds(), run);
}

void MatchOptions::add_to(CLI::App& app) {
  planned.add_to(app);
  add_file(app, "-o,--output", output, "Rows of each node to write, a matrix")->required();
  add_part_files(app, parts);
}

void run_match(const MatchOptions& options, Run& run) {
  const std::uint32_t stage = options.planned.stage;
  check_dash_once("stdin", {options.planned.x, options.planned.files(), options.parts});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  if (stage == 0) throw ConfigError("--stage: 0 has nothing to match; allowed are stages from 1");
  const Planned planned(options.planned);
  NpzWriter out(options.output);
  const MergedLevels upper(planned.plan, planned.in.tree, read_parts(planned.plan, options.parts, stage), stage,
                           run.parallel());
  const CsrView x = planned.in.features();
  planned.in.check_rows(std::vector<bool>(x.rows, true));
  const std::vector<CsrMatrix> nodes =
      matched_nodes(x, planned.in.tree, upper.chunks(), planned.train.matcher, run.parallel());
  write_sparse_members(out, planned.in.tree.nodes(planned.plan.stage(stage).first - 1), nodes);
  out.commit(matrix_meta({{"plan", planned.plan.fingerprint()}, {"stage", stage}}));
  run.record("stage", stage);
  run.record("rows", x.rows);
}

void MergeOptions::add_to(CLI::App& app) {
  add_file(app, "--plan", plan, "Plan of xmr-train plan")->required();
  add_file(app, "-t,--tree", tree, "Label tree, the same as for the plan")->required();
  add_file(app, "-f,--vectorizer", vectorizer, kVectorizerHelp);
  add_file(app, "--labels", labels, kLabelsHelp);
  add_file(app, "-o,--output", output, "Model to write")->required();
  add_part_files(app, parts);
}

void run_merge(const MergeOptions& options, Run& run) {
  check_dash_once("stdin", {options.parts, {options.plan, options.tree, options.vectorizer, options.labels}});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  const TrainPlan plan = TrainPlan::read(options.plan);
  const TrainRecipe& recipe = plan.recipe();
  const LabelTree tree = read_tree(options.tree);
  if (tree.fingerprint() != recipe.tree)
    throw DataError(options.tree, fmt::format("is not the file that {} was made from", plan.name()));
  const auto vectorizer = read_vectorizer(options.vectorizer, MadeBy(plan.name(), recipe.features, recipe.vectorizer));
  const std::optional<LabelNames> names = read_names(options.labels, tree.label_count(), options.tree);
  NpzWriter out(options.output);
  const MergedLevels merged(plan, tree, read_parts(plan, options.parts, plan.stages()), plan.stages(), run.parallel());
  write_model(std::move(out), {.tree = tree,
                               .features = recipe.features,
                               .weight_type = recipe.train.of(0).keep.type,
                               .levels = merged.chunks(),
                               .defaults = recipe.predict,
                               .vectorizer = vectorizer ? &vectorizer->vectorizer() : nullptr,
                               .vectorizer_fingerprint = recipe.vectorizer,
                               .names = names ? names->stored() : StoredNames{},
                               .options = recipe.options,
                               .problems = merged.problems()});
  run.record("features", recipe.features);
  run.record("labels", recipe.labels);
  report_training(merged.counts(), tree, recipe.train.of(0).solver, run);
}

}  // namespace

void add_parts(Tool& tool) {
  tool.command("plan", "Cuts the training of an XR-Linear model into parts of about equal cost, for xmr-train part.",
               "xmr-train plan -x X.npz -y Y.npz -t tree.npz --parts 8 -o plan.npz", run_plan)
      .command("part", "Trains one part of a plan. Run twice, it writes the same bytes.",
               "xmr-train part --plan plan.npz -x X.npz -y Y.npz -t tree.npz \\\n"
               "  --part 3 -o part-3.npz",
               run_part)
      .command("match",
               "Finds the rows that matcher-aware negatives bring to a stage of a plan, from the parts of the stages "
               "before it.",
               "xmr-train match --plan plan.npz -x X.npz -y Y.npz -t tree.npz --stage 1 \\\n"
               "  -o matched-1.npz stage-0-part-*.npz",
               run_match)
      .command("merge",
               "Joins all parts of a plan into a model, the same bytes as xmr-train makes of the same inputs and "
               "options.",
               "xmr-train merge --plan plan.npz -t tree.npz -f vec.npz --labels labels.txt \\\n"
               "  -o model.npz part-*.npz",
               run_merge);
}

}  // namespace xmr::tools
