#pragma once
// xmr-index plan, part and merge: a tree in parts, each a process of its own; and the figures of all commands.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/index/label_tree.hpp"
#include "xmr/sparse/csr.hpp"

#include "common/tool.hpp"
#include "xmr-index/clustering_options.hpp"
#include "xmr-index/instances.hpp"

namespace xmr::tools {

struct PlanOptions {
  InstanceOptions instances;
  ClusteringOptions clustering;
  std::uint32_t parts = 0;
  std::string output;

  void add_to(CLI::App& app);
};
void run_plan(const PlanOptions& options, Run& run);

struct PartOptions {
  InstanceOptions instances;
  std::string plan, output;
  std::optional<std::uint32_t> part;

  void add_to(CLI::App& app);
};
void run_part(const PartOptions& options, Run& run);

struct MergeOptions {
  std::string plan, output;
  std::vector<std::string> parts;

  void add_to(CLI::App& app);
};
void run_merge(const MergeOptions& options, Run& run);

// Records the numbers of label vectors; `entries`: of each. Warns if all are empty.
void report_vectors(std::span<const std::uint32_t> entries, Run& run);
void record_nodes(const LabelTree& tree, Run& run);

}  // namespace xmr::tools
