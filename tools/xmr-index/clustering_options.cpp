#include "xmr-index/clustering_options.hpp"

#include <nlohmann/json.hpp>

#include "xmr/featurize/options.hpp"

#include "common/options.hpp"

namespace xmr::tools {

void ClusteringOptions::add_to(CLI::App& app) {
  branching_option =
      app.add_option("--branching", branching, "Children of a node; the root may have up to four times as many")
          ->transform(range(2U, 1024U))
          ->group("Tree");
  max_leaf_option = app.add_option("--max-leaf", max_leaf, "Labels of a node just above them, at most")
                        ->transform(range(2U, 100000U))
                        ->group("Tree");
  y_norm_option = app.add_option("--y-norm", y_norm, "What the weights of an instance's labels are divided by")
                      ->check(one_of({"none", "l1", "l2", "max"}))
                      ->type_name("NORM")
                      ->group("Clustering");
  app.add_option("--embedding-size", embedding_size,
                 "Entries kept of a label's vector, those that tell most; 0: all, slower. With --preset pecos: 0")
      ->transform(range(0U, 1000000U))
      ->default_str(std::to_string(embedding().size))
      ->group("Clustering");
  rounds_option = app.add_option("--rounds", rounds, "Rounds of k-means, at most; default: 8, balanced 20")
                      ->transform(range(1U, 1000U))
                      ->default_str("")
                      ->group("Clustering");
  app.add_option("--sample-labels", sample,
                 "Number of labels that k-means reads for the first level of the tree, drawn by the seed; default: all")
      ->transform(range(LabelId{100}, LabelId{2147483647}))
      ->default_str("")
      ->group("Clustering");
}

KMeansTreeOptions ClusteringOptions::tree(std::uint64_t seed, unsigned default_rounds) const {
  return {branching, max_leaf, {rounds.value_or(default_rounds), seed}};
}

EmbeddingOptions ClusteringOptions::embedding(std::uint32_t default_size) const {
  return {parse_norm(y_norm), embedding_size.value_or(default_size)};
}

LabelId ClusteringOptions::sample_of(std::uint64_t labels) const {
  return sample && *sample < labels ? *sample : 0;
}

nlohmann::ordered_json ClusteringOptions::form(std::uint64_t seed, const char* name) const {
  return {{"form", name}, {"branching", branching}, {"max_leaf", max_leaf}, {"seed", seed}};
}

nlohmann::ordered_json ClusteringOptions::clustering(unsigned used_rounds, std::uint32_t used_size,
                                                     std::uint64_t labels) const {
  nlohmann::ordered_json content = {{"y_norm", y_norm}, {"embedding_size", used_size}, {"rounds", used_rounds}};
  if (const LabelId used_sample = sample_of(labels); used_sample > 0) content["sample"] = used_sample;
  return content;
}

}  // namespace xmr::tools
