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

#include "xmr/index/balanced_kmeans.hpp"
#include "xmr/index/estimate.hpp"
#include "xmr/index/grow_tree.hpp"
#include "xmr/index/kmeans_tree.hpp"
#include "xmr/index/label_embedding.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/index/tree_shape.hpp"
#include "xmr/index/tree_top.hpp"
#include "xmr/index/trie.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "common/estimate.hpp"
#include "common/options.hpp"
#include "common/preset.hpp"
#include "common/tool.hpp"
#include "xmr-index/clustering_options.hpp"
#include "xmr-index/clusters.hpp"
#include "xmr-index/initial_tree.hpp"
#include "xmr-index/instances.hpp"
#include "xmr-index/parts.hpp"

namespace xmr {
namespace tools {
namespace {

enum class TreeMethod { kmeans, balanced, trie, hybrid, must_link, random };

}  // namespace
}  // namespace tools

template <>
struct EnumNames<tools::TreeMethod> {
  static constexpr EnumName<tools::TreeMethod> kTable[] = {
      {tools::TreeMethod::kmeans, "kmeans", "labels with similar instances together"},
      {tools::TreeMethod::balanced, "balanced", "the same in clusters of equal size"},
      {tools::TreeMethod::trie, "trie", "labels with the same first characters together"},
      {tools::TreeMethod::hybrid, "hybrid", "kmeans below a trie"},
      {tools::TreeMethod::must_link, "must-link", "kmeans that keeps labels with the same first characters together"},
      {tools::TreeMethod::random, "random", "labels anywhere"},
  };
};

namespace tools {
namespace {

struct IndexOptions {
  InstanceOptions instances;
  std::string labels, output, init, init_labels;
  std::optional<Preset> preset;
  TreeMethod method = TreeMethod::kmeans;
  std::optional<unsigned> trie_depth;
  ClusteringOptions clustering;
  bool dry_run = false;
  std::vector<const CLI::Option*> form_options, clustering_options;  // of the tree, of k-means alone

  void add_to(CLI::App& app) {
    instances.add_to(app);
    app.add_option("-o,--output", output, "Tree to write")->type_name("FILE")->required();
    app.add_option("--labels", labels, "labels.txt; its keys make a trie, other methods check only its length")
        ->type_name("FILE");
    app.add_option(
           "--init", init,
           "Tree or model made before, which grows: its labels keep their places, new labels go to similar ones, "
           "labels that are gone leave it")
        ->type_name("FILE");
    app.add_option(
           "--init-labels", init_labels,
           "labels.txt of --init, unless it is a model with label names; default: labels keep their ids, and new "
           "ids follow")
        ->type_name("FILE");
    app.add_flag("--dry-run", dry_run,
                 "Prints an estimate of peak memory, seconds and the size of the tree, and writes nothing");
    add_named(app, "--preset", preset,
              "Settings of another program: --method balanced, its form, --embedding-size 0, --x-norms none");
    add_named(app, "--method", method, "Method that places the labels")->group("Tree");
    app.add_option("--trie-depth", trie_depth,
                   "Number of characters that a trie reads; default: hybrid 1, must-link 2, trie 8")
        ->transform(range(1U, 32U))
        ->default_str("")
        ->group("Tree");
    clustering.add_to(app);
    form_options = {clustering.branching_option, clustering.max_leaf_option};
    clustering_options = {clustering.y_norm_option, app.get_option("--embedding-size"), clustering.rounds_option};
  }

  bool is_pecos() const { return preset.has_value(); }
  bool is_balanced() const { return method == TreeMethod::balanced || is_pecos(); }
  bool has_trie() const {
    return method == TreeMethod::trie || method == TreeMethod::hybrid || method == TreeMethod::must_link;
  }
  bool has_clusters() const { return method != TreeMethod::trie && method != TreeMethod::random; }
  unsigned depth() const {
    return trie_depth.value_or(method == TreeMethod::hybrid ? 1 : method == TreeMethod::must_link ? 2 : 8);
  }
  LabelId sample_of(std::uint64_t label_count) const {
    return method == TreeMethod::kmeans && !is_pecos() ? clustering.sample_of(label_count) : 0;
  }
  KMeansTreeOptions tree(std::uint64_t seed) const { return clustering.tree(seed, is_balanced() ? 20 : 8); }
  EmbeddingOptions embedding() const { return is_pecos() ? clustering.embedding(0) : clustering.embedding(); }
};

// --init has the form of the tree.
void check_init(const IndexOptions& options) {
  if (options.init.empty()) {
    if (!options.init_labels.empty()) throw ConfigError("--init-labels: needs --init");
    return;
  }
  const auto refuse = [](const char* option, bool is_given) {
    if (is_given) throw ConfigError(fmt::format("{}: the tree of --init determines it", option));
  };
  refuse("--preset", options.preset.has_value());
  refuse("--method", options.method != TreeMethod::kmeans);
  refuse("--trie-depth", options.trie_depth.has_value());
  refuse("--branching", options.clustering.branching_option->count() > 0);
  refuse("--sample-labels", options.clustering.sample.has_value());
  if (options.dry_run) throw ConfigError("--dry-run: cannot be used with --init");
  if (!options.init_labels.empty() && options.labels.empty())
    throw ConfigError("--init-labels: needs --labels, the labels of Y");
}

void check_use(const IndexOptions& options) {
  const InstanceOptions& from = options.instances;
  from.check();
  check_init(options);
  check_dash_once("stdin", {from.x.paths,
                            {from.y, from.label_features, from.label_rows, options.labels},
                            {options.init, options.init_labels}});
  if (!options.has_clusters() && !from.label_features.empty())
    throw ConfigError(fmt::format("--label-features: --method {} does not read them", name_of(options.method)));
  if (!options.has_clusters() && !from.label_rows.empty())
    throw ConfigError(fmt::format("--label-rows: --method {} does not read them", name_of(options.method)));
  const auto refuse = [&](const CLI::Option* option) {
    if (option->count() > 0)
      throw ConfigError(fmt::format("{}: --method {} does not read it", option->get_name(), name_of(options.method)));
  };
  if (!options.has_clusters()) std::ranges::for_each(options.clustering_options, refuse);
  if (options.method == TreeMethod::trie) std::ranges::for_each(options.form_options, refuse);
  if (options.clustering.sample && options.is_pecos())
    throw ConfigError("--sample-labels: cannot be used with --preset pecos");
  if (options.clustering.sample && options.method != TreeMethod::kmeans)
    throw ConfigError(fmt::format("--sample-labels: --method {} does not read it", name_of(options.method)));
  if (options.has_trie() && options.labels.empty())
    throw ConfigError(fmt::format("--method {}: needs --labels", name_of(options.method)));
  if (!options.has_trie() && options.trie_depth)
    throw ConfigError(fmt::format("--trie-depth: --method {} makes no trie", name_of(options.method)));
  if (options.has_trie() && options.is_pecos())
    throw ConfigError(fmt::format("--preset pecos: cannot be used with --method {}", name_of(options.method)));
}

std::vector<LabelId> random_order(LabelId labels, std::uint64_t seed) {
  std::vector<LabelId> order(labels);
  std::iota(order.begin(), order.end(), LabelId{0});
  Random(seed).shuffle(std::span(order));
  return order;
}

CsrMatrix label_vectors(const IndexOptions& options, const Instances& in, Run& run) {
  CsrMatrix vectors = embed_labels(in.x(), in.y(), in.label_features(), options.embedding(), run.parallel());
  report_vectors(entries_of(vectors), run);
  return vectors;
}

// Makes a k-means tree whose first level comes from a sample of the labels.
LabelTree make_sampled_tree(const IndexOptions& options, const Instances& in, LabelId sample, Run& run) {
  const KMeansTreeOptions form = options.tree(run.common().seed);
  const LabelEmbedding embedding(in.x(), in.y(), in.label_features(), options.embedding(), run.parallel());
  const std::vector<float> mean = embedding.mean();
  TreeTop top = tree_top(embedding, mean, form, sample, run.parallel());
  report_vectors(top.entries, run);
  const auto make = [&](std::span<const LabelId> labels) { return embedding.vectors_of(labels, mean); };
  return kmeans_tree_below(std::move(top.divided), static_cast<LabelId>(embedding.labels()), make, form,
                           run.parallel());
}

LabelTree make_tree(const IndexOptions& options, const Instances& in, const LabelNames* names, Run& run) {
  const auto labels = static_cast<LabelId>(in.y().cols);
  const std::uint64_t seed = run.common().seed;
  const KMeansTreeOptions form = options.tree(seed);
  if (const LabelId sample = options.sample_of(labels); sample > 0) return make_sampled_tree(options, in, sample, run);
  CsrMatrix vectors;
  if (options.has_clusters()) vectors = label_vectors(options, in, run);
  if (options.has_trie()) {
    const Trie trie(names->stored().keys, options.depth(), options.labels);
    if (options.method == TreeMethod::trie) return trie_tree(trie);
    const auto make = options.method == TreeMethod::hybrid ? hybrid_tree : must_link_tree;
    return make(trie, vectors, form, run.parallel());
  }
  if (options.method == TreeMethod::kmeans && !options.is_pecos()) return kmeans_tree(vectors, form, run.parallel());
  const auto make_shape = options.is_pecos() ? TreeShape::pecos : TreeShape::wide_root;
  const TreeShape shape = make_shape(labels, form.branching, form.max_leaf);
  if (options.method == TreeMethod::random) return shape.tree(random_order(labels, seed));
  return shape.tree(balanced_kmeans(vectors, shape, form.kmeans, run.parallel()));
}

Json content_of(const IndexOptions& options, std::uint64_t labels, std::uint64_t seed) {
  Json content = {{"method", name_of(options.is_pecos() && options.method == TreeMethod::kmeans ? TreeMethod::balanced
                                                                                                : options.method)}};
  if (options.has_trie()) content["trie_depth"] = options.depth();
  if (options.method != TreeMethod::trie)
    content.update(options.clustering.form(seed, options.is_pecos() ? "pecos" : "wide-root"));
  if (options.has_clusters())
    content.update(options.clustering.clustering(options.tree(seed).kmeans.rounds, options.embedding().size,
                                                 options.sample_of(labels)));
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
                            .sample = shape.levels().empty() ? 0 : options.sample_of(in.y().cols),
                            .rounds = options.tree(run.common().seed).kmeans.rounds},
                           run.common().threads);
}

LabelTree grow(const IndexOptions& options, const Instances& in, const InitialTree& initial, Json& content, Run& run) {
  const CsrMatrix vectors = label_vectors(options, in, run);
  // Keeps clusters that are larger than the default, unless --max-leaf was given.
  const std::uint32_t max_leaf = options.clustering.max_leaf_option->count() > 0
                                     ? options.clustering.max_leaf
                                     : std::max(options.clustering.max_leaf, initial.largest_leaf());
  const KMeansOptions kmeans = options.clustering.tree(run.common().seed, 20).kmeans;
  GrownTree grown = grow_tree(initial.tree, initial.new_ids, vectors, {max_leaf, kmeans}, run.parallel());
  content = {
      {"method", "init"}, {"init", initial.tree.fingerprint()}, {"max_leaf", max_leaf}, {"seed", run.common().seed}};
  content.update(options.clustering.clustering(kmeans.rounds, options.embedding().size));
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
    return print_estimate(of.memory_bytes, of.seconds, of.tree_bytes, options.output, run);
  }
  run.expect_memory([&] { return estimate(options, in, run).memory_bytes; });
  NpzWriter out(options.output);
  in.report(run);

  Json content = content_of(options, in.y().cols, run.common().seed);
  const LabelTree tree =
      initial ? grow(options, in, *initial, content, run) : make_tree(options, in, names ? &*names : nullptr, run);
  in.add_fingerprints(content);
  write_tree(std::move(out), tree, std::move(content));
  record_nodes(tree, run);
}

}  // namespace
}  // namespace tools
}  // namespace xmr

int main(int argc, char** argv) {
  using namespace xmr::tools;
  return Tool("xmr-index",
              "Builds a label tree by hierarchical k-means: labels with similar instances come together. For "
              "completion, "
              "labels with the same first characters come together.",
              "xmr-featurize apply -f vec.npz -x X.npz -y Y.npz train.tsv\n"
              "xmr-index -x X.npz -y Y.npz -o tree.npz")
      .command(run)
      .command("clusters", "Makes a tree of your own clusters: matrices, a folder of PECOS, or text.",
               "printf 'apple\\tfruit\\nleek\\tvegetable\\n' > clusters.tsv\n"
               "xmr-index clusters clusters.tsv --labels labels.txt -o tree.npz",
               run_clusters)
      .command(
          "plan",
          "Makes the first level of a tree of --method kmeans, and cuts the levels below into parts of about equal "
          "cost, for xmr-index part.",
          "xmr-index plan -x X.npz -y Y.npz --parts 8 -o plan.npz", run_plan)
      .command("part", "Divides the nodes of one part of a plan. Run twice, it writes the same bytes.",
               "xmr-index part --plan plan.npz -x X.npz -y Y.npz --part 3 -o part-3.npz", run_part)
      .command(
          "merge",
          "Joins all parts of a plan into a tree, the same bytes as xmr-index makes of the same inputs and options.",
          "xmr-index merge --plan plan.npz -o tree.npz part-*.npz", run_merge)
      .main(argc, argv);
}
