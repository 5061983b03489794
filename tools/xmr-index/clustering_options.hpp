#pragma once
// Options of k-means: the form of the tree, and the vectors that labels are compared by.

#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "xmr/index/kmeans_tree.hpp"
#include "xmr/index/label_embedding.hpp"
#include "xmr/io/json.hpp"

namespace xmr::tools {

struct ClusteringOptions {
  std::uint32_t branching = 16, max_leaf = 100;
  Norm y_norm = Norm::l2;
  std::optional<std::uint32_t> embedding_size;
  std::optional<unsigned> rounds;
  std::optional<LabelId> sample;
  const CLI::Option *branching_option = nullptr, *max_leaf_option = nullptr, *y_norm_option = nullptr,
                    *rounds_option = nullptr;

  void add_to(CLI::App& app);

  KMeansTreeOptions tree(std::uint64_t seed, unsigned default_rounds = 8) const;
  EmbeddingOptions embedding(std::uint32_t default_size = 256) const;
  // Returns the sample of a k-means tree of so many labels; 0: all.
  LabelId sample_of(std::uint64_t labels) const;
  // The records of a tree: its form with the seed, and the settings of clustering.
  Json form(std::uint64_t seed, const char* name = "wide-root") const;
  Json clustering(unsigned used_rounds, std::uint32_t used_size, LabelId used_sample = 0) const;
};

}  // namespace xmr::tools
