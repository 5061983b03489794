#pragma once
// The options that determine an XR-Linear model, for the commands linear and plan.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/index/label_tree.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/train/trainer.hpp"

#include "common/preset.hpp"
#include "xmr-train/linear_inputs.hpp"

namespace xmr::tools {

struct LearningOptions {
  std::string tree, label_rows;
  std::optional<Preset> preset;
  // Lists: one value for all levels, or one for each level.
  std::vector<float> cost = {1}, positive = {1}, negative = {1}, threshold = {0.1F};
  std::vector<float> threshold_negative;  // empty: a multiple of threshold
  std::vector<std::uint32_t> top_weights = {0};
  std::vector<std::string> negatives = {"tfn"};  // of the levels below the first
  std::optional<WeightType> weight_type;         // default: i1, or f4 with --preset pecos
  RelevanceOptions relevance;
  SolverOptions solver;  // without costs
  PredictDefaults predict;
  std::optional<TieRule> ties;  // default: margin, or position with --preset pecos

  void add_to(CLI::App& app);
  // Throws ConfigError if options contradict each other.
  void check(const TrainPaths& paths) const;

  // The paths of all inputs but X.
  // X, with the norm that is given or that its rows ask for.
  MatrixFile features(const TrainPaths& of, Observer& observer) const;
  LinearPaths paths(const TrainPaths& of) const;
  // Returns the path in --negatives, or empty.
  std::string given_negatives() const;
  // Throws ConfigError if the length of a list is neither 1 nor the number of levels.
  TrainOptions training(std::uint64_t seed, const LabelTree& tree) const;
  PredictDefaults prediction() const;

 private:
  void add_learning(CLI::App& app);
  void add_prediction(CLI::App& app);
  float threshold_negative_of(std::size_t level, std::size_t depth) const;
  WeightType type() const { return weight_type.value_or(preset ? WeightType::f4 : KeepOptions().type); }
};

}  // namespace xmr::tools
