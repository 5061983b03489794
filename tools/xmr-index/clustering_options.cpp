#include "xmr-index/clustering_options.hpp"

#include "common/options.hpp"

namespace xmr::tools {
namespace {

constexpr LabelId kMaxUnsampled = 500'000;  // labels whose vectors are kept in memory by default
constexpr LabelId kSample = 100'000;        // labels that are read otherwise; 1,500 for each of 64 children

}  // namespace

void ClusteringOptions::add_to(CLI::App& app) {
  branching_option = app.add_option("--branching", branching,
                                    "Number of children of a node; the root may have up to four times as many")
                         ->transform(range(2U, 1024U))
                         ->group("Tree");
  max_leaf_option = app.add_option("--max-leaf", max_leaf, "Largest number of labels below a node of the last level")
                        ->transform(range(2U, 100000U))
                        ->group("Tree");
  y_norm_option = add_named(app, "--y-norm", y_norm, "Norm that the label weights of an instance are divided by")
                      ->type_name("NORM")
                      ->group("Clustering");
  app.add_option(
         "--embedding-size", embedding_size,
         "Number of entries kept of the vector of a label, largest first; 0 keeps all and is slower. With --preset "
         "pecos: 0")
      ->transform(range(0U, 1000000U))
      ->default_str(std::to_string(embedding().size))
      ->group("Clustering");
  rounds_option = app.add_option("--rounds", rounds, "Largest number of rounds of k-means; default: 8, balanced 20")
                      ->transform(range(1U, 1000U))
                      ->default_str("")
                      ->group("Clustering");
  app.add_option("--sample-labels", sample,
                 "Number of labels that k-means reads for the first level of the tree, drawn by the seed; default: all "
                 "of up to "
                 "500000 labels, else 100000")
      ->transform(range(LabelId{100}, LabelId{2147483647}))
      ->default_str("")
      ->group("Clustering");
}

KMeansTreeOptions ClusteringOptions::tree(std::uint64_t seed, unsigned default_rounds) const {
  return {branching, max_leaf, {rounds.value_or(default_rounds), seed}};
}

EmbeddingOptions ClusteringOptions::embedding(std::uint32_t default_size) const {
  return {y_norm, embedding_size.value_or(default_size)};
}

LabelId ClusteringOptions::sample_of(std::uint64_t labels) const {
  const LabelId used = sample.value_or(labels > kMaxUnsampled ? kSample : 0);
  return used < labels ? used : 0;
}

Json ClusteringOptions::form(std::uint64_t seed, const char* name) const {
  return {{"form", name}, {"branching", branching}, {"max_leaf", max_leaf}, {"seed", seed}};
}

Json ClusteringOptions::clustering(unsigned used_rounds, std::uint32_t used_size, LabelId used_sample) const {
  Json content = {{"y_norm", name_of(y_norm)}, {"embedding_size", used_size}, {"rounds", used_rounds}};
  if (used_sample > 0) content["sample"] = used_sample;
  return content;
}

}  // namespace xmr::tools
