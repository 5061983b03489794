#pragma once
// xmr-train --model xr-linear: the options of learning, and the training.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/index/label_tree.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/train/trainer.hpp"

#include "common/tool.hpp"
#include "xmr-train/linear_inputs.hpp"

namespace xmr::tools {

struct LinearTrainOptions {
  std::string tree, preset, label_rows, checkpoint, init;
  bool dry_run = false;
  std::uint32_t keep_levels = 0;
  std::uint64_t memory = 0;  // 0: no limit
  // What may differ from level to level: one value for all, or one for each.
  std::vector<float> cost = {1}, positive = {1}, negative = {1}, threshold = {0.1F};
  std::vector<std::uint32_t> top_weights = {0};
  std::vector<std::string> negatives = {"tfn"};  // of the levels below the first
  std::string loss = "squared-hinge", weight_type = "f2", relevance = "none", relevance_norm = "none";
  SolverOptions solver;  // eps, bias, iterations
  PredictDefaults predict;
  std::string ties = "margin";

  // Returns the options that only this kind of model has.
  std::vector<const CLI::Option*> add_to(CLI::App& app);
  // Those alone that determine the model.
  std::vector<const CLI::Option*> add_content_to(CLI::App& app);
  // ConfigError for what makes no sense together.
  void check(const TrainPaths& paths) const;

  // With those of `paths`, all that is learnt from.
  LinearPaths paths(const TrainPaths& of) const;
  // The matrix of pairs that --negatives names; empty: none.
  std::string given_negatives() const;
  // ConfigError for a list that does not fit the tree.
  TrainOptions training(std::uint64_t seed, const LabelTree& tree) const;
  PredictDefaults prediction() const;

 private:
  void add_learning(CLI::App& app);
  void add_defaults_of_prediction(CLI::App& app);
  CLI::Option* own(CLI::Option* option);
  bool is_pecos() const { return preset == "pecos"; }
  WeightType type() const;

  std::vector<const CLI::Option*> options_;
  CLI::Option *weight_type_option_ = nullptr, *ties_option_ = nullptr;
};

// What --stats and warnings tell of a model.
void report_training(const TrainCounts& counts, const LabelTree& tree, const SolverOptions& solver, Run& run);
// What became of --init, if it was given.
void report_kept(const LinearInputs& in, const TrainCounts& counts, Run& run);
void report_seconds(const TrainSeconds& seconds, Run& run);

void train_linear(const TrainPaths& paths, const LinearTrainOptions& options, Run& run);

}  // namespace xmr::tools
