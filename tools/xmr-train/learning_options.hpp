#pragma once
// The options that determine an XR-Linear model, for the commands linear and plan.

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/index/label_tree.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/train/trainer.hpp"

#include "xmr-train/linear_inputs.hpp"

namespace xmr::tools {

struct LearningOptions {
  std::string tree, preset, label_rows;
  // Lists: one value for all levels, or one for each level.
  std::vector<float> cost = {1}, positive = {1}, negative = {1}, threshold = {0.1F};
  std::vector<std::uint32_t> top_weights = {0};
  std::vector<std::string> negatives = {"tfn"};  // of the levels below the first
  std::string loss = "squared-hinge", weight_type = "f2", relevance = "none", relevance_norm = "none";
  SolverOptions solver;  // eps, bias, iterations
  PredictDefaults predict;
  std::string ties = "margin";

  void add_to(CLI::App& app);
  // Throws ConfigError if options contradict each other.
  void check(const TrainPaths& paths) const;

  // The paths of all inputs but X.
  // X, with the norm that is given or that its rows ask for.
  MatrixFile features(const TrainPaths& of, Observer& observer) const;
  LinearPaths paths(const TrainPaths& of) const;
  // The path in --negatives; empty if there is none.
  std::string given_negatives() const;
  // Throws ConfigError if the length of a list is neither 1 nor the number of levels.
  TrainOptions training(std::uint64_t seed, const LabelTree& tree) const;
  PredictDefaults prediction() const;

 private:
  void add_learning(CLI::App& app);
  void add_prediction(CLI::App& app);
  bool is_pecos() const { return preset == "pecos"; }
  WeightType type() const;

  CLI::Option *weight_type_option_ = nullptr, *ties_option_ = nullptr;
};

}  // namespace xmr::tools
