#include "xmr-train/linear.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/featurize/options.hpp"
#include "xmr/jobs/checkpoint.hpp"
#include "xmr/predict/post_processor.hpp"
#include "xmr/train/estimate.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

#include "common/estimate.hpp"
#include "common/options.hpp"

namespace xmr::tools {
namespace {

// The sets of negatives that an item of --negatives names; what is no word is a path.
struct NegativesItem {
  Negatives sets{.teacher_forcing = false};
  std::string path;
};

NegativesItem parse_negatives(const std::string& text) {
  NegativesItem item;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('+', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (word == "tfn")
      item.sets.teacher_forcing = true;
    else if (word == "man")
      item.sets.matcher = true;
    else if (!word.empty() && item.path.empty())
      item.path = word;
    else
      throw ConfigError(fmt::format("--negatives {}: tfn, man, a file, or some of them joined by +", text));
    at = end + 1;
  }
  item.sets.given = !item.path.empty();
  return item;
}

// The value for a level, from a list of one or of as many as there are levels.
template <class T>
const T& of_level(const std::vector<T>& list, std::size_t level) {
  return list.size() == 1 ? list.front() : list[level];
}

template <class T>
void check_list(std::string_view option, const std::vector<T>& list, std::size_t levels, std::string_view which) {
  if (list.size() != 1 && list.size() != levels)
    throw ConfigError(fmt::format("{}: {} values, the tree has {} {}", option, list.size(), levels, which));
}

}  // namespace

std::vector<const CLI::Option*> LinearTrainOptions::add_to(CLI::App& app) {
  own(app.add_flag("--dry-run", dry_run,
                   "Print what training would take (peak memory, seconds, size of the model), and write nothing"));
  own(app.add_option("--checkpoint", checkpoint,
                     "A folder for what is done so far: a run that was killed goes on when it is started again"))
      ->type_name("DIR");
  own(app.add_option("--init", init, kInitHelp))->type_name("FILE");
  own(app.add_option("--keep-levels", keep_levels,
                     "Of --init, keep the rankers of so many upper levels though their rows have changed; the model is "
                     "then another one"))
      ->transform(range(0U, 63U));
  own(app.add_option("--memory", memory, kMemoryHelp)->transform(size_in_bytes())->type_name("SIZE")->default_str(""));
  return add_content_to(app);
}

std::vector<const CLI::Option*> LinearTrainOptions::add_content_to(CLI::App& app) {
  own(app.add_option("-t,--tree", tree, "Label tree of xmr-index, for xr-linear")->type_name("FILE"));
  own(app.add_option("--preset", preset, "PECOS's settings: ties by position, weights as f4"))
      ->check(one_of({"pecos"}))
      ->type_name("NAME");
  own(app.add_option("--label-rows", label_rows,
                     "One more row for each label, so that labels without rows are found: a matrix of labels x "
                     "features, or labels.txt, whose texts the vectorizer of -f reads"))
      ->type_name("FILE");
  add_learning(app);
  add_defaults_of_prediction(app);
  return options_;
}

CLI::Option* LinearTrainOptions::own(CLI::Option* option) {
  options_.push_back(option);
  return option;
}

void LinearTrainOptions::add_learning(CLI::App& app) {
  constexpr float kMost = 1e6F, kLeast = 1e-6F;
  const auto learning = [this](CLI::Option* option) { return own(option->group("Learning")); };
  // One for all levels, or one for each.
  const auto by_level = [&learning](CLI::Option* option) {
    return learning(option)->delimiter(',')->type_name("LIST");
  };
  learning(app.add_option("--loss", loss, "What a row on the wrong side of the margin costs"))
      ->check(one_of({"squared-hinge", "hinge", "logistic"}))
      ->type_name("NAME");
  by_level(app.add_option("--cost", cost,
                          "Weight of the losses against that of small weights; this and other LISTs: "
                          "a value for all levels, or one for each, separated by commas"))
      ->transform(range(kLeast, kMost))
      ->default_str("1");
  by_level(app.add_option("--cost-positive", positive, "Factor of it for rows that have the label"))
      ->transform(range(kLeast, kMost))
      ->default_str("1");
  by_level(app.add_option("--cost-negative", negative, "Factor of it for rows that do not"))
      ->transform(range(kLeast, kMost))
      ->default_str("1");
  learning(app.add_option("--relevance", relevance,
                          "Where the weights in Y are factors of the cost of positives: at no level, at all (induce: "
                          "summed up from level to level), or at the last"))
      ->check(one_of({"none", "induce", "last"}))
      ->type_name("LEVELS");
  learning(app.add_option("--relevance-norm", relevance_norm, "What the weights of a row are divided by"))
      ->check(one_of({"none", "l1", "l2", "max"}))
      ->type_name("NORM");
  by_level(app.add_option("--negatives", negatives,
                          "Rows that are no positives: tfn, those below the same parent; man, those that the model's "
                          "own beam brings there; FILE, pairs of row and label, or of row and node above the labels; "
                          "or some of these, joined by +. For all levels below the first, or for each"))
      ->default_str("tfn");
  learning(app.add_option("--bias", solver.bias, "Value of one more feature in every row; 0: none"))
      ->transform(range(0.0F, kMost));
  learning(app.add_option("--eps", solver.eps, "Largest violation of optimality at which a ranker is done"))
      ->transform(range(kLeast, 10.0F));
  learning(app.add_option("--max-iterations", solver.max_iterations, "Passes over the rows, at most"))
      ->transform(range(1U, 1000000U));
  by_level(app.add_option("--threshold", threshold, "Weights whose size is below it are dropped"))
      ->transform(range(0.0F, kMost))
      ->default_str("0.1");
  by_level(app.add_option("--top-weights", top_weights, "The largest weights kept of a ranker; 0: all"))
      ->transform(range(0U))
      ->default_str("0");
  weight_type_option_ =
      learning(app.add_option("--weight-type", weight_type, "How weights are stored: f2, 16 bits, or f4, 32 bits"))
          ->check(one_of({"f2", "f4"}))
          ->type_name("TYPE");
}

void LinearTrainOptions::add_defaults_of_prediction(CLI::App& app) {
  const auto prediction = [this](CLI::Option* option) {
    return own(option->group("What xmr-predict does by default"));
  };
  prediction(app.add_option("--post-processor", predict.post_processor,
                            "Scores from margins: l1-hinge to l4-hinge, log-l1-hinge to log-l4-hinge, sigmoid, "
                            "log-sigmoid or noop"))
      ->type_name("NAME");
  prediction(app.add_option("--beam", predict.beam, "Nodes kept at each level"))
      ->transform(range(1U, static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())));
  ties_option_ = prediction(app.add_option("--ties", ties, "What ranks equal scores"))
                     ->check(one_of({"margin", "position"}))
                     ->type_name("RULE");
}

void LinearTrainOptions::check(const TrainPaths& paths) const {
  if (paths.x.empty() || paths.y.empty() || tree.empty())
    throw ConfigError("an XR-Linear model needs -x, -y and -t", "xmr-index makes the tree");
  if (!paths.vectorizer.empty()) paths.x.require_single("-f");
  if (!label_rows.empty()) paths.x.require_single("--label-rows");
  if (init.empty() && keep_levels > 0) throw ConfigError("--keep-levels: it needs --init");
  if (!init.empty() && dry_run) throw ConfigError("--init: --dry-run does not tell how much of it stays");
  if (relevance == "none" && relevance_norm != "none")
    throw ConfigError("--relevance-norm: --relevance none has nothing to divide");
  static_cast<void>(given_negatives());
  static_cast<void>(PostProcessor(predict.post_processor));
}

LinearPaths LinearTrainOptions::paths(const TrainPaths& of) const {
  return {.y = of.y,
          .tree = tree,
          .vectorizer = of.vectorizer,
          .label_rows = label_rows,
          .given_negatives = given_negatives()};
}

std::string LinearTrainOptions::given_negatives() const {
  std::string path;
  for (const std::string& text : negatives) {
    const NegativesItem item = parse_negatives(text);
    if (!path.empty() && !item.path.empty() && item.path != path)
      throw ConfigError(fmt::format("--negatives: {} and {}, one file is for all levels", path, item.path));
    if (!item.path.empty()) path = item.path;
  }
  if (!path.empty() && !std::filesystem::exists(path))
    throw ConfigError(fmt::format("--negatives: {} is neither tfn nor man, nor a file that is there", quote(path)));
  return path;
}

WeightType LinearTrainOptions::type() const {
  return (is_pecos() && weight_type_option_->count() == 0) || weight_type == "f4" ? WeightType::f4 : WeightType::f2;
}

TrainOptions LinearTrainOptions::training(std::uint64_t seed, const LabelTree& of) const {
  const std::size_t depth = of.depth();
  check_list("--cost", cost, depth, "levels");
  check_list("--cost-positive", positive, depth, "levels");
  check_list("--cost-negative", negative, depth, "levels");
  check_list("--threshold", threshold, depth, "levels");
  check_list("--top-weights", top_weights, depth, "levels");
  check_list("--negatives", negatives, depth - 1, "levels below the first");

  TrainOptions options;
  const bool is_uniform = std::ranges::all_of(
      std::array{cost.size(), positive.size(), negative.size(), threshold.size(), top_weights.size(), negatives.size()},
      [](std::size_t size) { return size == 1; });
  options.levels.resize(is_uniform ? 1 : depth);
  for (std::size_t level = 0; level < options.levels.size(); ++level) {
    LevelOptions& to = options.levels[level];
    to.solver = solver;
    to.solver.loss = loss == "hinge" ? Loss::hinge : loss == "logistic" ? Loss::logistic : Loss::squared_hinge;
    to.solver.cost_positive = of_level(cost, level) * of_level(positive, level);
    to.solver.cost_negative = of_level(cost, level) * of_level(negative, level);
    to.keep = {of_level(threshold, level), of_level(top_weights, level), type()};
    if (level > 0 || is_uniform) to.negatives = parse_negatives(of_level(negatives, level == 0 ? 0 : level - 1)).sets;
  }
  options.seed = seed;
  options.relevance.levels = relevance == "induce" ? Relevance::induce
                             : relevance == "last" ? Relevance::last
                                                   : Relevance::none;
  options.relevance.norm = parse_norm(relevance_norm);
  options.matcher = search_of(prediction());
  return options;
}

PredictDefaults LinearTrainOptions::prediction() const {
  PredictDefaults defaults = predict;
  const bool position = (is_pecos() && ties_option_->count() == 0) || ties == "position";
  defaults.ties = position ? TieRule::position : TieRule::margin;
  return defaults;
}

void report_training(const TrainCounts& counts, const LabelTree& tree, const SolverOptions& solver, Run& run) {
  std::uint64_t rankers = 0;
  for (std::size_t level = 0; level < tree.depth(); ++level)
    rankers += tree.nodes(level);
  if (counts.labels_without_rows > 0)
    run.observer().warn(fmt::format("{} of {} labels have no row: they rank behind all others",
                                    counts.labels_without_rows, tree.label_count()));
  if (counts.solver.unconverged > 0)
    run.observer().warn(fmt::format("{} of {} rankers stopped at --max-iterations {} before --eps {} was reached",
                                    counts.solver.unconverged, rankers, solver.max_iterations, solver.eps));
  run.record("rankers", rankers);
  run.record("weights", counts.weights);
  run.record("labels_without_rows", counts.labels_without_rows);
  run.record("solver", nlohmann::ordered_json{{"problems", counts.solver.problems},
                                              {"passes", counts.solver.passes},
                                              {"row_visits", counts.solver.visits},
                                              {"row_updates", counts.solver.updates},
                                              {"entries_visited", counts.solver.entries},
                                              {"unconverged", counts.solver.unconverged}});
}

void report_seconds(const TrainSeconds& seconds, Run& run) {
  run.record("thread_seconds", nlohmann::ordered_json{
                                   {"gather", seconds.gather}, {"solve", seconds.solve}, {"collect", seconds.collect}});
}

void report_kept(const LinearInputs& in, const TrainCounts& counts, Run& run) {
  if (!in.solved) return;
  std::uint64_t parents = 0;
  for (std::size_t level = 0; level < in.tree.depth(); ++level)
    parents += in.tree.parents(level);
  if (counts.parents_kept == 0)
    run.observer().warn(fmt::format("none of {} parents has the rows and options of one in {}: all were solved again",
                                    parents, in.solved->model().name()));
  run.record("parents", parents);
  run.record("parents_kept", counts.parents_kept);
}

void train_linear(const TrainPaths& paths, const LinearTrainOptions& options, Run& run) {
  if (options.memory > 0) keep_no_freed_memory();
  LinearInputs in(paths.x.read(), options.paths(paths));
  const std::optional<LabelNames> names = read_names(paths.labels, in.tree.label_count(), options.tree);
  TrainOptions train = options.training(run.common().seed, in.tree);
  train.given = in.negatives();
  const auto estimated = [&] { return estimate_training(in.features(), in.labels(), in.tree, train, run.parallel()); };
  if (!options.dry_run && options.memory == 0) run.expect_memory([&] { return estimated().memory_bytes; });
  if (options.dry_run) {
    const TrainEstimate estimate = estimated();
    print_estimate(estimate.memory_bytes, estimate.seconds, estimate.model_bytes, run);
    return;
  }
  in.start_from(options.init, options.keep_levels, train.of(0).keep.type);
  in.x.expect_random_reads();
  NpzWriter out(paths.output);
  const auto write = [&](const ChunkTable& chunks, std::span<const std::vector<std::uint64_t>> problems) {
    const Phase phase(run.observer(), "write", 0, "bytes");
    write_model(std::move(out), {.tree = in.tree,
                                 .features = in.x.view().cols,
                                 .weight_type = train.of(0).keep.type,
                                 .levels = chunks,
                                 .defaults = options.prediction(),
                                 .vectorizer = in.vectorizer ? &in.vectorizer->vectorizer() : nullptr,
                                 .vectorizer_fingerprint = vectorizer_of(in.x),
                                 .names = names ? names->stored() : StoredNames{},
                                 .options = in.record(train),
                                 .problems = problems});
  };
  in.report(run);
  std::optional<MemoryLimit> limit;
  if (options.memory > 0) limit = in.limit(options.memory);
  if (options.checkpoint.empty()) {
    const TrainedLevels trained = train_xr_linear(in.features(), in.labels(), in.tree, train, run.parallel(), limit,
                                                  in.solved ? &*in.solved : nullptr);
    write(trained.chunks, trained.problems);
    report_training(trained.counts, in.tree, options.solver, run);
    report_kept(in, trained.counts, run);
    report_seconds(trained.seconds, run);
    run.record("match_seconds", trained.match_seconds);
  } else {
    XrLinearTrainer trainer(in.features(), in.labels(), in.tree, train, run.parallel());
    Checkpoint checkpoint(options.checkpoint,
                          TrainPlan::make(in.recipe(train, options.prediction()), in.features(), trainer, 1));
    run.record("pieces_found", checkpoint.pieces_found());
    if (limit) {
      limit->most_chunks = Checkpoint::kMostBytes;
      trainer.limit_memory(*limit);
    }
    if (in.solved) trainer.start_from(*in.solved);
    const MergedLevels trained = checkpoint.train(in.features(), in.tree, train, trainer, run.parallel());
    write(trained.chunks(), trained.problems());
    checkpoint.remove();
    report_training(trained.counts(), in.tree, options.solver, run);
    report_kept(in, trained.counts(), run);
    report_seconds(trainer.seconds(), run);
  }
}

}  // namespace xmr::tools
