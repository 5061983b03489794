#include "xmr-index/clusters.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "xmr/index/cluster_chain.hpp"
#include "xmr/index/cluster_files.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-index/parts.hpp"

namespace xmr::tools {

void ClustersOptions::add_to(CLI::App& app) {
  app.add_option("CLUSTERS", clusters,
                 "Matrices (labels x clusters) from the top level down, a folder of PECOS, or text with lines "
                 "key<TAB>path")
      ->type_name("FILE")
      ->required();
  app.add_option("-o,--output", output, "Tree to write")->type_name("FILE")->required();
  app.add_option("--labels", labels, "labels.txt, if the text names labels by their keys")->type_name("FILE");
  app.add_option("--branching", branching, "Number of children of a node in the levels that are added on top")
      ->transform(range(2U, 1024U));
}

void run_clusters(const ClustersOptions& options, Run& run) {
  check_dash_once("stdout", {{options.output, run.common().stats}});
  if (std::ranges::count(options.clusters, "-") > 0)
    throw ConfigError("-: clusters are read more than once, so they must be files");
  std::optional<LabelNames> names;
  if (!options.labels.empty()) names = LabelNames::read(options.labels);
  std::vector<ChainLevel> chain = read_clusters(options.clusters, names ? &*names : nullptr);
  const std::uint64_t labels = chain.back().children.cols();
  if (names && names->size() != labels)
    throw DataError(options.labels, fmt::format("{} labels, but {} has {}", names->size(), chain.back().name, labels));
  Json content = {{"method", "clusters"}};
  if (add_upper_levels(chain, options.branching) > 0) content["branching"] = options.branching;
  const LabelTree tree = tree_of_chain(chain, Unplaced::refuse).tree;
  write_tree(NpzWriter(options.output), tree, std::move(content));
  run.record("labels", labels);
  record_nodes(tree, run);
}

}  // namespace xmr::tools
