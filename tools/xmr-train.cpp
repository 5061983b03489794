// xmr-train: a model from instances and their labels: XR-Linear over a label tree, BM25, or completion.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/featurize/options.hpp"
#include "xmr/featurize/vectorizer_file.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/post_processor.hpp"
#include "xmr/sparse/instances.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/train/trainer.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "common/tool.hpp"
#include "xmr-train/bm25.hpp"
#include "xmr-train/completion.hpp"
#include "xmr-train/inputs.hpp"

namespace xmr::tools {
namespace {

struct Options {
  std::string model = "xr-linear";
  TrainPaths paths;
  std::string tree;
  Bm25TrainOptions bm25;
  CompletionTrainOptions completion;
  std::string loss = "squared-hinge";
  TrainOptions train;
  PredictDefaults predict;
  std::string weight_type, ties, preset;

  void add_to(CLI::App& app) {
    of_rows_ = {app.add_option("-x,--x", paths.x, "Features of the instances, a matrix")->type_name("FILE"),
                app.add_option("-y,--y", paths.y, "Labels of the instances, a matrix")->type_name("FILE")};
    linear(app.add_option("-t,--tree", tree, "Label tree of xmr-index, for xr-linear")->type_name("FILE"));
    app.add_option("-o,--output", paths.output, "Where the model goes")->type_name("FILE")->required();
    of_rows_.push_back(
        app.add_option("-f,--features", paths.vectorizer, "The vectorizer that made X: the model then takes text")
            ->type_name("FILE"));
    of_rows_.push_back(
        app.add_option("--labels", paths.labels, "labels.txt: the model then answers with keys")->type_name("FILE"));
    app.add_option("--model", model, "Kind of model")
        ->check(one_of({"xr-linear", "bm25", "completion"}))
        ->type_name("KIND");
    linear(app.add_option("--preset", preset, "PECOS's settings: ties by position, weights as f4"))
        ->check(one_of({"pecos"}))
        ->type_name("NAME");
    add_learning(app);
    add_defaults_of_prediction(app);
    bm25_options_ = bm25.add_to(app);
    completion_options_ = completion.add_to(app);
  }

  // ConfigError for what makes no sense together.
  void check() const {
    check_dash_once("stdin", {{paths.x, paths.y, tree, paths.vectorizer, paths.labels},
                              {completion.linear, completion.pairs, completion.held_out}});
    const bool is_linear = model == "xr-linear", completes = model == "completion";
    if (!is_linear) refuse(linear_options_);
    if (model != "bm25") refuse(bm25_options_);
    if (completes)
      refuse(of_rows_);
    else
      refuse(completion_options_);
    if (completes) completion.check();
    if (is_linear && (paths.x.empty() || paths.y.empty() || tree.empty()))
      throw ConfigError("an XR-Linear model needs -x, -y and -t", "xmr-index makes the tree");
    if (relevance == "none" && relevance_norm != "none")
      throw ConfigError("--relevance-norm: --relevance none has nothing to divide");
    static_cast<void>(PostProcessor(predict.post_processor));
  }

  void add_learning(CLI::App& app) {
    constexpr float kMost = 1e6F, kLeast = 1e-6F;
    const auto learning = [this](CLI::Option* option) { return linear(option->group("Learning")); };
    learning(app.add_option("--loss", loss, "What a row on the wrong side of the margin costs"))
        ->check(one_of({"squared-hinge", "hinge", "logistic"}))
        ->type_name("NAME");
    learning(app.add_option("--cost", cost, "Weight of the losses against that of small weights"))
        ->transform(range(kLeast, kMost));
    learning(app.add_option("--cost-positive", positive, "Factor of it for rows that have the label"))
        ->transform(range(kLeast, kMost));
    learning(app.add_option("--cost-negative", negative, "Factor of it for rows that do not"))
        ->transform(range(kLeast, kMost));
    learning(app.add_option("--relevance", relevance,
                            "Where the weights in Y are factors of the cost of positives: at no level, at all (induce: "
                            "summed up from level to level), or at the last"))
        ->check(one_of({"none", "induce", "last"}))
        ->type_name("LEVELS");
    learning(app.add_option("--relevance-norm", relevance_norm, "What the weights of a row are divided by"))
        ->check(one_of({"none", "l1", "l2", "max"}))
        ->type_name("NORM");
    learning(app.add_option("--negatives", negatives,
                            "Rows that are no positives: tfn, those below the same parent; tfn+man, also those that "
                            "the model's own beam brings there. One for all levels below the first, or one for each, "
                            "separated by commas"))
        ->delimiter(',')
        ->check(one_of({"tfn", "tfn+man"}))
        ->default_str("tfn")
        ->type_name("LIST");
    learning(app.add_option("--bias", train.solver.bias, "Value of one more feature in every row; 0: none"))
        ->transform(range(0.0F, kMost));
    learning(app.add_option("--eps", train.solver.eps, "Largest violation of optimality at which a ranker is done"))
        ->transform(range(kLeast, 10.0F));
    learning(app.add_option("--max-iterations", train.solver.max_iterations, "Passes over the rows, at most"))
        ->transform(range(1U, 1000000U));
    learning(app.add_option("--threshold", train.keep.threshold, "Weights whose size is below it are dropped"))
        ->transform(range(0.0F, kMost));
    learning(app.add_option("--top-weights", train.keep.top_weights, "The largest weights kept of a ranker; 0: all"))
        ->transform(range(0U));
    learning(app.add_option("--weight-type", weight_type, "How weights are stored: f2, 16 bits, or f4, 32 bits"))
        ->check(one_of({"f2", "f4"}))
        ->default_str("f2")
        ->type_name("TYPE");
  }

  void add_defaults_of_prediction(CLI::App& app) {
    const auto prediction = [this](CLI::Option* option) {
      return linear(option->group("What xmr-predict does by default"));
    };
    prediction(app.add_option("--post-processor", predict.post_processor,
                              "Scores from margins: l1-hinge to l4-hinge, log-l1-hinge to log-l4-hinge, sigmoid, "
                              "log-sigmoid or noop"))
        ->type_name("NAME");
    prediction(app.add_option("--beam", predict.beam, "Nodes kept at each level"))
        ->transform(range(1U, static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())));
    prediction(app.add_option("--ties", ties, "What ranks equal scores"))
        ->check(one_of({"margin", "position"}))
        ->default_str("margin")
        ->type_name("RULE");
  }

  float cost = 1, positive = 1, negative = 1;
  std::vector<std::string> negatives = {"tfn"};
  std::string relevance = "none", relevance_norm = "none";

  TrainOptions training(std::uint64_t seed) const {
    TrainOptions options = train;
    options.solver.loss = loss == "hinge" ? Loss::hinge : loss == "logistic" ? Loss::logistic : Loss::squared_hinge;
    options.solver.cost_positive = cost * positive;
    options.solver.cost_negative = cost * negative;
    const bool is_f4 = weight_type.empty() ? preset == "pecos" : weight_type == "f4";
    options.keep.type = is_f4 ? WeightType::f4 : WeightType::f2;
    options.seed = seed;
    options.negatives.clear();
    for (const std::string& name : negatives)
      options.negatives.push_back(name == "tfn" ? Negatives::teacher_forcing : Negatives::with_matcher);
    options.relevance.levels = relevance == "induce" ? Relevance::induce
                               : relevance == "last" ? Relevance::last
                                                     : Relevance::none;
    options.relevance.norm = parse_norm(relevance_norm);
    options.matcher = search_of(prediction());
    return options;
  }

  PredictDefaults prediction() const {
    PredictDefaults defaults = predict;
    const bool position = ties.empty() ? preset == "pecos" : ties == "position";
    defaults.ties = position ? TieRule::position : TieRule::margin;
    return defaults;
  }

 private:
  CLI::Option* linear(CLI::Option* option) {
    linear_options_.push_back(option);
    return option;
  }

  void refuse(const std::vector<const CLI::Option*>& options) const {
    for (const CLI::Option* option : options)
      if (option->count() > 0)
        throw ConfigError(fmt::format("{}: a model of the kind {} has no such option", option->get_name(), model));
  }

  std::vector<const CLI::Option*> linear_options_, bm25_options_, completion_options_;  // of one kind of model only
  std::vector<const CLI::Option*> of_rows_;                                             // of all but completion
};

void check_fit(const MatrixFile& x, const MatrixFile& y, const Options& options, const LabelTree& tree) {
  check_instances(x.view(), x.name(), y.view(), y.name());
  if (tree.label_count() != y.view().cols)
    throw DataError(options.tree, fmt::format("{} labels, but {} has {}", tree.label_count(), y.name(), y.view().cols));
  if (y.view().nnz() == 0) throw DataError(y.name(), "no row has a label: there is nothing to learn");
}

nlohmann::ordered_json content_of(const Options& options, const TrainOptions& train) {
  return {{"loss", options.loss},
          {"cost_positive", train.solver.cost_positive},
          {"cost_negative", train.solver.cost_negative},
          {"bias", train.solver.bias},
          {"eps", train.solver.eps},
          {"max_iterations", train.solver.max_iterations},
          {"threshold", train.keep.threshold},
          {"top_weights", train.keep.top_weights},
          {"negatives", options.negatives},
          {"relevance", options.relevance},
          {"relevance_norm", options.relevance_norm},
          {"seed", train.seed}};
}

void report(const TrainedLevels& trained, const LabelTree& tree, const TrainOptions& options, Run& run) {
  std::uint64_t rankers = 0;
  for (std::size_t level = 0; level < tree.depth(); ++level)
    rankers += tree.nodes(level);
  if (trained.labels_without_rows > 0)
    run.observer().warn(fmt::format("{} of {} labels have no row: they rank behind all others",
                                    trained.labels_without_rows, tree.label_count()));
  if (trained.solver.unconverged > 0)
    run.observer().warn(fmt::format("{} of {} rankers stopped at --max-iterations {} before --eps {} was reached",
                                    trained.solver.unconverged, rankers, options.solver.max_iterations,
                                    options.solver.eps));
  run.record("rankers", rankers);
  run.record("weights", trained.weights);
  run.record("labels_without_rows", trained.labels_without_rows);
  run.record("solver", nlohmann::ordered_json{{"problems", trained.solver.problems},
                                              {"passes", trained.solver.passes},
                                              {"row_visits", trained.solver.visits},
                                              {"row_updates", trained.solver.updates},
                                              {"entries_visited", trained.solver.entries},
                                              {"unconverged", trained.solver.unconverged}});
  run.record("thread_seconds", nlohmann::ordered_json{{"gather", trained.gather_seconds},
                                                      {"solve", trained.solve_seconds},
                                                      {"collect", trained.collect_seconds}});
  run.record("match_seconds", trained.match_seconds);
}

void train_linear(const Options& options, Run& run) {
  const MatrixFile x(options.paths.x), y(options.paths.y);
  const LabelTree tree = read_tree(options.tree);
  check_fit(x, y, options, tree);
  const std::optional<VectorizerFile> vectorizer = read_vectorizer(options.paths.vectorizer, x);
  const std::optional<LabelNames> names = read_names(options.paths.labels, tree.label_count(), options.tree);
  NpzWriter out(options.paths.output);

  const TrainOptions train = options.training(run.common().seed);
  const TrainedLevels trained = train_xr_linear(x.view(), y.view(), tree, train, run.parallel());
  {
    const Phase phase(run.observer(), "write", 0, "bytes");
    write_model(std::move(out), {.tree = tree,
                                 .features = x.view().cols,
                                 .weight_type = train.keep.type,
                                 .levels = trained.chunks,
                                 .defaults = options.prediction(),
                                 .vectorizer = vectorizer ? &vectorizer->vectorizer() : nullptr,
                                 .vectorizer_fingerprint = vectorizer_of(x),
                                 .names = names ? names->stored() : StoredNames{},
                                 .options = content_of(options, train)});
  }
  run.record("rows", x.view().rows);
  run.record("features", x.view().cols);
  run.record("labels", y.view().cols);
  run.record("nnz", x.view().nnz());
  report(trained, tree, train, run);
}

void run(const Options& options, Run& run) {
  options.check();
  check_dash_once("stdout", {{options.paths.output, run.common().stats}});
  if (options.model == "bm25")
    train_bm25(options.paths, options.bm25, run);
  else if (options.model == "completion")
    train_completion(options.completion, options.paths.output, run);
  else
    train_linear(options, run);
}

}  // namespace
}  // namespace xmr::tools

int main(int argc, char** argv) {
  using namespace xmr::tools;
  return Tool("xmr-train",
              "Learns a linear ranker for every node of a label tree, an XR-Linear model, or indexes the words of "
              "labels for BM25, or adds counts of queries to an XR-Linear model that completes them. With -f and "
              "--labels the model takes text and answers with keys.",
              "xmr-index -x X.npz -y Y.npz -o tree.npz\n"
              "xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt \\\n"
              "  -o model.npz")
      .command(run)
      .main(argc, argv);
}
