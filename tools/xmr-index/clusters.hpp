#pragma once
// xmr-index clusters: a tree of clusters that another program made.

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/tool.hpp"

namespace xmr::tools {

struct ClustersOptions {
  std::vector<std::string> clusters;
  std::string labels, output;
  std::uint32_t branching = 16;

  void add_to(CLI::App& app);
};
void run_clusters(const ClustersOptions& options, Run& run);

}  // namespace xmr::tools
