#pragma once
// xmr-train plan, part, match and merge: training in parts, of which each is a process of its own.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/tool.hpp"
#include "xmr-train/linear.hpp"
#include "xmr-train/linear_inputs.hpp"

namespace xmr::tools {

struct PlanOptions {
  TrainPaths paths;  // without labels
  LinearTrainOptions linear;
  std::uint32_t parts = 0;

  void add_to(CLI::App& app);
};
void run_plan(const PlanOptions& options, Run& run);

// What a plan was made from, once more.
struct PlannedPaths {
  std::string plan;
  std::vector<std::string> x;
  LinearPaths in;
  std::uint32_t stage = 0;

  void add_to(CLI::App& app);
  // All but those of X.
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
void run_part(const PartOptions& options, Run& run);

struct MatchOptions {
  PlannedPaths planned;
  std::vector<std::string> parts;
  std::string output;

  void add_to(CLI::App& app);
};
void run_match(const MatchOptions& options, Run& run);

struct MergeOptions {
  std::string plan, tree, vectorizer, labels, output;
  std::vector<std::string> parts;

  void add_to(CLI::App& app);
};
void run_merge(const MergeOptions& options, Run& run);

}  // namespace xmr::tools
