// xmr-index: a label tree from instances and their labels.

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "xmr/index/balanced_kmeans.hpp"
#include "xmr/index/estimate.hpp"
#include "xmr/index/grow_tree.hpp"
#include "xmr/index/kmeans_tree.hpp"
#include "xmr/index/label_embedding.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/index/tree_shape.hpp"
#include "xmr/index/tree_top.hpp"
#include "xmr/index/trie.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "common/estimate.hpp"
#include "common/options.hpp"
#include "common/tool.hpp"
#include "xmr-index/clustering_options.hpp"
#include "xmr-index/clusters.hpp"
#include "xmr-index/initial_tree.hpp"
#include "xmr-index/instances.hpp"
#include "xmr-index/parts.hpp"

namespace xmr::tools {
namespace {

struct IndexOptions {
  InstanceOptions instances;
  std::string labels, output, preset, init, init_labels;
  std::string method = "kmeans";
  std::optional<unsigned> trie_depth;
  ClusteringOptions clustering;
  bool dry_run = false;
  std::vector<const CLI::Option*> form_options, clustering_options;  // of the tree, of k-means alone

  void add_to(CLI::App& app) {
    instances.add_to(app);
    app.add_option("-o,--output", output, "Where the tree goes")->type_name("FILE")->required();
    app.add_option("--labels", labels, "labels.txt: its keys make a trie; else only its length is checked")
        ->type_name("FILE");
    app.add_option("--init", init,
                   "A tree or model made before: its labels stay where they are, new ones go to similar ones, those "
                   "that are gone leave it")
        ->type_name("FILE");
    app.add_option("--init-labels", init_labels,
                   "labels.txt of --init, if that is no model that knows it; else labels have the same ids as before, "
                   "and new ones follow")
        ->type_name("FILE");
    app.add_flag("--dry-run", dry_run,
                 "Print what indexing would take (peak memory, seconds, size of the tree), and write nothing");
    app.add_option("--preset", preset, "PECOS's form of tree, whole label vectors, and --x-norms none")
        ->check(one_of({"pecos"}))
        ->type_name("NAME");

    app.add_option(
           "--method", method,
           "kmeans: labels with similar instances together, as many as there are; balanced: in clusters of equal size, "
           "the way of --preset pecos; trie: those with the same first characters; hybrid: kmeans below a trie; "
           "must-link: kmeans, and those with the same first characters stay together; random: anywhere")
        ->check(one_of({"kmeans", "balanced", "trie", "hybrid", "must-link", "random"}))
        ->type_name("NAME")
        ->group("Tree");
    app.add_option("--trie-depth", trie_depth,
                   "Characters that a trie looks at; default: hybrid 1, must-link 2, trie 8")
        ->transform(range(1U, 32U))
        ->default_str("")
        ->group("Tree");
    clustering.add_to(app);
    form_options = {clustering.branching_option, clustering.max_leaf_option};
    clustering_options = {clustering.y_norm_option, app.get_option("--embedding-size"), clustering.rounds_option};
  }

  bool is_pecos() const { return preset == "pecos"; }
  bool is_balanced() const { return method == "balanced" || is_pecos(); }
  bool has_trie() const { return method == "trie" || method == "hybrid" || method == "must-link"; }
  bool has_clusters() const { return method != "trie" && method != "random"; }
  unsigned depth() const { return trie_depth.value_or(method == "hybrid" ? 1 : method == "must-link" ? 2 : 8); }
  KMeansTreeOptions tree(std::uint64_t seed) const { return clustering.tree(seed, is_balanced() ? 20 : 8); }
  EmbeddingOptions embedding() const { return is_pecos() ? clustering.embedding(0) : clustering.embedding(); }
};

// The form of the tree is there.
void check_init(const IndexOptions& options) {
  if (options.init.empty()) {
    if (!options.init_labels.empty()) throw ConfigError("--init-labels: it needs --init");
    return;
  }
  const auto refuse = [](const char* option, bool is_given) {
    if (is_given) throw ConfigError(fmt::format("{}: --init says what the tree is like", option));
  };
  refuse("--preset", !options.preset.empty());
  refuse("--method", options.method != "kmeans");
  refuse("--trie-depth", options.trie_depth.has_value());
  refuse("--branching", options.clustering.branching_option->count() > 0);
  refuse("--sample-labels", options.clustering.sample.has_value());
  if (options.dry_run) throw ConfigError("--dry-run: it does not know --init");
  if (!options.init_labels.empty() && options.labels.empty())
    throw ConfigError("--init-labels: it needs --labels, the names of the labels of now");
}

void check_use(const IndexOptions& options) {
  const InstanceOptions& from = options.instances;
  from.check();
  check_init(options);
  check_dash_once("stdin", {from.x.paths,
                            {from.y, from.label_features, from.label_rows, options.labels},
                            {options.init, options.init_labels}});
  if (!options.has_clusters() && !from.label_features.empty())
    throw ConfigError(fmt::format("--label-features: --method {} has no use for them", options.method));
  if (!options.has_clusters() && !from.label_rows.empty())
    throw ConfigError(fmt::format("--label-rows: --method {} has no use for them", options.method));
  const auto refuse = [&](const CLI::Option* option) {
    if (option->count() > 0)
      throw ConfigError(fmt::format("{}: --method {} has no use for it", option->get_name(), options.method));
  };
  if (!options.has_clusters()) std::ranges::for_each(options.clustering_options, refuse);
  if (options.method == "trie") std::ranges::for_each(options.form_options, refuse);
  if (options.clustering.sample && options.is_pecos())
    throw ConfigError("--sample-labels: the root of --preset pecos is not divided by kmeans");
  if (options.clustering.sample && options.method != "kmeans")
    throw ConfigError(fmt::format("--sample-labels: --method {} does not divide the root by kmeans", options.method));
  if (options.has_trie() && options.labels.empty())
    throw ConfigError(fmt::format("--method {}: it needs --labels", options.method));
  if (!options.has_trie() && options.trie_depth)
    throw ConfigError(fmt::format("--trie-depth: --method {} makes no trie", options.method));
  if (options.has_trie() && options.is_pecos())
    throw ConfigError(fmt::format("--preset pecos: its form is not one of --method {}", options.method));
}

std::vector<LabelId> random_order(LabelId labels, std::uint64_t seed) {
  std::vector<LabelId> order(labels);
  std::iota(order.begin(), order.end(), LabelId{0});
  Random(seed).shuffle(std::span(order));
  return order;
}

// What is known of the labels, and of the tree before it is made from that.
struct LabelVectors {
  CsrMatrix vectors;
  std::optional<DividedNodes> top;  // by a sample of them
};

LabelVectors label_vectors(const IndexOptions& options, const Instances& in, Run& run) {
  const LabelEmbedding embedding(in.x(), in.y(), in.label_features(), options.embedding(), run.parallel());
  const std::vector<float> mean = embedding.mean();
  LabelVectors of;
  if (const LabelId sample = options.clustering.sample_of(embedding.labels()); sample > 0)
    of.top = tree_top(embedding, mean, options.tree(run.common().seed), sample, run.parallel()).divided;
  of.vectors = embedding.vectors(mean);
  report_vectors(entries_of(of.vectors), run);
  return of;
}

// `vectors` of methods that cluster.
LabelTree make_tree(const IndexOptions& options, LabelId labels, const LabelNames* names, LabelVectors of, Run& run) {
  const CsrView vectors = of.vectors;
  const std::uint64_t seed = run.common().seed;
  const KMeansTreeOptions form = options.tree(seed);
  if (options.has_trie()) {
    const Trie trie(names->stored().keys, options.depth(), options.labels);
    if (options.method == "trie") return trie_tree(trie);
    const auto make = options.method == "hybrid" ? hybrid_tree : must_link_tree;
    return make(trie, vectors, form, run.parallel());
  }
  if (of.top) return kmeans_tree_below(std::move(*of.top), vectors, form, run.parallel());
  if (options.method == "kmeans" && !options.is_pecos()) return kmeans_tree(vectors, form, run.parallel());
  const auto make_shape = options.is_pecos() ? TreeShape::pecos : TreeShape::wide_root;
  const TreeShape shape = make_shape(labels, form.branching, form.max_leaf);
  if (options.method == "random") return shape.tree(random_order(labels, seed));
  return shape.tree(balanced_kmeans(vectors, shape, form.kmeans, run.parallel()));
}

nlohmann::ordered_json content_of(const IndexOptions& options, std::uint64_t labels, std::uint64_t seed) {
  nlohmann::ordered_json content = {
      {"method", options.is_pecos() && options.method == "kmeans" ? "balanced" : options.method}};
  if (options.has_trie()) content["trie_depth"] = options.depth();
  if (options.method != "trie")
    content.update(options.clustering.form(seed, options.is_pecos() ? "pecos" : "wide-root"));
  if (options.has_clusters())
    content.update(options.clustering.clustering(options.tree(seed).kmeans.rounds, options.embedding().size, labels));
  return content;
}

IndexEstimate estimate(const IndexOptions& options, const Instances& in, const Run& run) {
  const auto make_shape = options.is_pecos() ? TreeShape::pecos : TreeShape::wide_root;
  const TreeShape shape = make_shape(in.y().cols, options.clustering.branching, options.clustering.max_leaf);
  return estimate_indexing(in.x(), in.y(), in.label_features(),
                           {.with_clusters = options.has_clusters(),
                            .embedding_size = options.embedding().size,
                            .clusters = shape.clusters(),
                            .root_children = shape.levels().empty() ? 1 : shape.levels().front(),
                            .sample = shape.levels().empty() ? 0 : options.clustering.sample_of(in.y().cols),
                            .rounds = options.tree(run.common().seed).kmeans.rounds},
                           run.common().threads);
}

LabelTree grow(const IndexOptions& options, const InitialTree& initial, CsrView vectors,
               nlohmann::ordered_json& content, Run& run) {
  // A tree that had larger ones was meant to.
  const std::uint32_t max_leaf = options.clustering.max_leaf_option->count() > 0
                                     ? options.clustering.max_leaf
                                     : std::max(options.clustering.max_leaf, initial.largest_leaf());
  const KMeansOptions kmeans = options.clustering.tree(run.common().seed, 20).kmeans;
  GrownTree grown = grow_tree(initial.tree, initial.new_ids, vectors, {max_leaf, kmeans}, run.parallel());
  content = {
      {"method", "init"}, {"init", initial.tree.fingerprint()}, {"max_leaf", max_leaf}, {"seed", run.common().seed}};
  content.update(options.clustering.clustering(kmeans.rounds, options.embedding().size, vectors.rows));
  run.record("labels_kept", grown.kept);
  run.record("labels_added", grown.added);
  run.record("labels_gone", std::ranges::count(initial.new_ids, kGone));
  run.record("nodes_added", grown.nodes_added);
  return std::move(grown.tree);
}

void run(const IndexOptions& options, Run& run) {
  check_use(options);
  check_dash_once("stdout", {{options.output, run.common().stats}});
  InstanceOptions instances = options.instances;
  if (options.is_pecos() && instances.x.norms == std::vector<std::string>{"auto"}) instances.x.norms = {"none"};
  const Instances in(instances, run.observer());
  std::optional<LabelNames> names;
  if (!options.labels.empty()) names = LabelNames::read(options.labels, in.y().cols, in.y_file().name());
  std::optional<InitialTree> initial;
  if (!options.init.empty())
    initial = InitialTree::read(options.init, options.init_labels, names ? &*names : nullptr, in.y_file());
  if (options.dry_run) {
    const IndexEstimate of = estimate(options, in, run);
    return print_estimate(of.memory_bytes, of.seconds, of.tree_bytes, run);
  }
  run.expect_memory([&] { return estimate(options, in, run).memory_bytes; });
  NpzWriter out(options.output);
  in.report(run);

  LabelVectors of;
  if (options.has_clusters()) of = label_vectors(options, in, run);
  nlohmann::ordered_json content = content_of(options, in.y().cols, run.common().seed);
  const LabelTree tree =
      initial ? grow(options, *initial, of.vectors, content, run)
              : make_tree(options, static_cast<LabelId>(in.y().cols), names ? &*names : nullptr, std::move(of), run);
  in.add_fingerprints(content);
  write_tree(std::move(out), tree, std::move(content));
  record_nodes(tree, run);
}

}  // namespace
}  // namespace xmr::tools

int main(int argc, char** argv) {
  using namespace xmr::tools;
  return Tool("xmr-index",
              "Builds a label tree: labels whose instances look alike come together, by hierarchical k-means, "
              "or labels with the same first characters, for completing what is typed.",
              "xmr-featurize apply -f vec.npz -x X.npz -y Y.npz train.tsv\n"
              "xmr-index -x X.npz -y Y.npz -o tree.npz")
      .command(run)
      .command("clusters", "Makes a tree of your own clusters: matrices, a folder of PECOS, or text.",
               "printf 'apple\\tfruit\\nleek\\tvegetable\\n' > clusters.tsv\n"
               "xmr-index clusters clusters.tsv --labels labels.txt -o tree.npz",
               run_clusters)
      .command("plan",
               "Makes the first level of a tree of --method kmeans, and cuts what is below into parts of about equal "
               "cost, for xmr-index part.",
               "xmr-index plan -x X.npz -y Y.npz --parts 8 -o plan.npz", run_plan)
      .command("part", "Divides the nodes of one part of a plan. Run twice, it writes the same bytes.",
               "xmr-index part --plan plan.npz -x X.npz -y Y.npz --part 3 -o part-3.npz", run_part)
      .command("merge",
               "Makes a tree of all parts of a plan: the same bytes as xmr-index makes of the same inputs and options.",
               "xmr-index merge --plan plan.npz -o tree.npz part-*.npz", run_merge)
      .main(argc, argv);
}
