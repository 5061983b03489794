#include "xmr-train/learning_options.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/predict/post_processor.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

#include "common/options.hpp"

namespace xmr::tools {
namespace {

// The sets of negatives in an item of --negatives. Any word but tfn and man is a path.
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
      throw ConfigError(
          fmt::format("--negatives: {} is not tfn, man, a file, or some of these joined by +", quote(text)));
    at = end + 1;
  }
  item.sets.given = !item.path.empty();
  return item;
}

// Returns the value of a level, from a list that holds one value for all levels or one for each.
template <class T>
const T& of_level(const std::vector<T>& list, std::size_t level) {
  return list.size() == 1 ? list.front() : list[level];
}

template <class T>
void check_list(std::string_view option, const std::vector<T>& list, std::size_t levels, std::string_view which) {
  if (list.size() != 1 && list.size() != levels)
    throw ConfigError(fmt::format("{}: {} values, but the tree has {} {}", option, list.size(), levels, which));
}

}  // namespace

void LearningOptions::add_to(CLI::App& app) {
  app.add_option("-t,--tree", tree, "Label tree of xmr-index, over the labels of Y")->type_name("FILE")->required();
  add_named(app, "--preset", preset,
            "Settings of another program: --ties position, --weight-type f4, --x-norms none, --threshold-negative as "
            "--threshold");
  app.add_option("--label-rows", label_rows,
                 "Adds a training row for each label, so that labels without rows are found: a matrix (labels x "
                 "features), or labels.txt, whose texts the vectorizer of -f reads")
      ->type_name("FILE");
  add_learning(app);
  add_prediction(app);
}

void LearningOptions::add_learning(CLI::App& app) {
  constexpr float kLargest = 1e6F, kSmallest = 1e-6F;
  const auto learning = [](CLI::Option* option) { return option->group("Learning"); };
  const auto by_level = [&learning](CLI::Option* option) {
    return learning(option)->delimiter(',')->type_name("LIST");
  };
  learning(add_named(app, "--loss", solver.loss, "Loss of a row with margin m"));
  by_level(app.add_option("--cost", cost,
                          "Weight of the loss relative to the penalty on large weights. A LIST holds one value for all "
                          "levels of the tree, or one for each level, separated by commas"))
      ->transform(range(kSmallest, kLargest))
      ->default_str("1");
  by_level(app.add_option("--cost-positive", positive, "Factor of --cost for rows that have the label"))
      ->transform(range(kSmallest, kLargest))
      ->default_str("1");
  by_level(app.add_option("--cost-negative", negative, "Factor of --cost for rows that do not have the label"))
      ->transform(range(kSmallest, kLargest))
      ->default_str("1");
  learning(add_named(app, "--relevance", relevance.levels,
                     "Levels at which the weights in Y multiply the cost of positive rows"))
      ->type_name("LEVELS");
  learning(add_named(app, "--relevance-norm", relevance.norm, "Norm that the weights of a row are divided by"))
      ->type_name("NORM");
  by_level(app.add_option("--negatives", negatives,
                          "Sources of negative rows, joined by +: tfn, rows below the same parent; man, rows that the "
                          "model's own beam brings to the parent; FILE, pairs (row, label) or (row, node above the "
                          "labels). One value for all levels below the first, or one for each"))
      ->default_str("tfn");
  learning(app.add_option("--bias", solver.bias, "Value of one more feature in every row; 0 adds none"))
      ->transform(range(0.0F, kLargest));
  learning(app.add_option("--eps", solver.eps, "Largest violation of optimality at which a ranker is done"))
      ->transform(range(kSmallest, 10.0F));
  learning(app.add_option("--max-iterations", solver.max_iterations, "Largest number of passes over the rows"))
      ->transform(range(1U, 1000000U));
  by_level(app.add_option("--threshold", threshold, "Smallest positive weight that is kept"))
      ->transform(range(0.0F, kLargest))
      ->default_str("0.1");
  by_level(app.add_option("--threshold-negative", threshold_negative,
                          "Smallest size of a negative weight that is kept; default: 0.8 times --threshold at the last "
                          "level, 1.5 times above it; --threshold with --loss logistic"))
      ->transform(range(0.0F, kLargest));
  by_level(
      app.add_option("--top-weights", top_weights, "Number of weights kept in a ranker, largest first; 0 keeps all"))
      ->transform(range(0U))
      ->default_str("0");
  learning(add_named(app, "--weight-type", weight_type, "Type of stored weights; default: i1"))->type_name("TYPE");
}

void LearningOptions::add_prediction(CLI::App& app) {
  const auto prediction = [](CLI::Option* option) { return option->group("Defaults of xmr-predict"); };
  prediction(app.add_option("--post-processor", predict.post_processor,
                            "Function that turns margins into scores: l1-hinge to l4-hinge, log-l1-hinge to "
                            "log-l4-hinge, sigmoid, log-sigmoid or noop"))
      ->type_name("NAME");
  prediction(app.add_option("--beam", predict.beam, "Number of nodes kept at each level"))
      ->transform(range(1U, static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())));
  prediction(add_named(app, "--ties", ties, "Rule that ranks equal scores; default: margin"))->type_name("RULE");
}

void LearningOptions::check(const TrainPaths& paths) const {
  if (!paths.vectorizer.empty()) paths.x.require_single("-f");
  if (!label_rows.empty()) paths.x.require_single("--label-rows");
  if (relevance.levels == Relevance::none && relevance.norm != Norm::none)
    throw ConfigError("--relevance-norm: needs --relevance induce or last");
  static_cast<void>(given_negatives());
  static_cast<void>(PostProcessor(predict.post_processor));
}

MatrixFile LearningOptions::features(const TrainPaths& of, Observer& observer) const {
  FeatureOptions x = of.x;
  if (preset && x.norms == std::vector<std::string>{"auto"}) x.norms = {"none"};
  return x.read(observer, !of.vectorizer.empty());
}

LinearPaths LearningOptions::paths(const TrainPaths& of) const {
  return {.y = of.y,
          .tree = tree,
          .vectorizer = of.vectorizer,
          .label_rows = label_rows,
          .given_negatives = given_negatives()};
}

std::string LearningOptions::given_negatives() const {
  std::string path;
  for (const std::string& text : negatives) {
    const NegativesItem item = parse_negatives(text);
    if (!path.empty() && !item.path.empty() && item.path != path)
      throw ConfigError(
          fmt::format("--negatives: {} and {} are two files, but one file is for all levels", path, item.path));
    if (!item.path.empty()) path = item.path;
  }
  if (!path.empty() && !std::filesystem::exists(path))
    throw ConfigError(fmt::format("--negatives: {} is neither tfn nor man, and no such file exists", quote(path)));
  return path;
}

TrainOptions LearningOptions::training(std::uint64_t seed, const LabelTree& of) const {
  const std::size_t depth = of.depth();
  check_list("--cost", cost, depth, "levels");
  check_list("--cost-positive", positive, depth, "levels");
  check_list("--cost-negative", negative, depth, "levels");
  check_list("--threshold", threshold, depth, "levels");
  if (!threshold_negative.empty()) check_list("--threshold-negative", threshold_negative, depth, "levels");
  check_list("--top-weights", top_weights, depth, "levels");
  check_list("--negatives", negatives, depth - 1, "levels below the first");

  TrainOptions options;
  options.levels.resize(depth);
  for (std::size_t level = 0; level < depth; ++level) {
    LevelOptions& to = options.levels[level];
    to.solver = solver;
    to.solver.cost_positive = of_level(cost, level) * of_level(positive, level);
    to.solver.cost_negative = of_level(cost, level) * of_level(negative, level);
    to.keep = {of_level(threshold, level), threshold_negative_of(level, depth), of_level(top_weights, level), type()};
    if (level > 0) to.negatives = parse_negatives(of_level(negatives, level - 1)).sets;
  }
  options.seed = seed;
  options.relevance = relevance;
  options.matcher = search_of(prediction());
  return options;
}

float LearningOptions::threshold_negative_of(std::size_t level, std::size_t depth) const {
  if (!threshold_negative.empty()) return of_level(threshold_negative, level);
  return of_level(threshold, level) * (preset ? 1 : default_negative_factor(solver.loss, level, depth));
}

PredictDefaults LearningOptions::prediction() const {
  PredictDefaults defaults = predict;
  defaults.ties = ties.value_or(preset ? TieRule::position : TieRule::margin);
  return defaults;
}

}  // namespace xmr::tools
