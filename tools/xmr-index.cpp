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

#include "xmr/featurize/options.hpp"
#include "xmr/index/balanced_kmeans.hpp"
#include "xmr/index/cluster_chain.hpp"
#include "xmr/index/cluster_files.hpp"
#include "xmr/index/estimate.hpp"
#include "xmr/index/grow_tree.hpp"
#include "xmr/index/kmeans_tree.hpp"
#include "xmr/index/label_embedding.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/index/tree_shape.hpp"
#include "xmr/index/trie.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz.hpp"
#include "xmr/sparse/instances.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "common/estimate.hpp"
#include "common/feature_options.hpp"
#include "common/options.hpp"
#include "common/tool.hpp"
#include "xmr-index/initial_tree.hpp"

namespace xmr::tools {
namespace {

constexpr std::uint32_t kEmbeddingSize = 256;

struct IndexOptions {
  FeatureOptions x;
  std::string y, label_features, label_rows, labels, output, preset, init, init_labels;
  std::vector<std::string> clusters;
  std::vector<const CLI::Option*> of_methods;  // that --clusters leave nothing to do
  const CLI::Option *max_leaf_option = nullptr, *branching_option = nullptr;
  std::string method = "kmeans";
  std::optional<unsigned> trie_depth;
  std::uint32_t branching = 16, max_leaf = 100;
  std::string y_norm = "l2";
  std::optional<std::uint32_t> embedding_size;
  std::optional<unsigned> rounds;
  bool dry_run = false;

  void add_to(CLI::App& app) {
    x.add_to(app);
    app.add_option("-y,--y", y, "Labels of the instances, a matrix")->type_name("FILE");
    app.add_option("-o,--output", output, "Where the tree goes")->type_name("FILE")->required();
    app.add_option("--label-features", label_features, "Features of the labels, a row a label, beside those of X")
        ->type_name("FILE");
    app.add_option("--label-rows", label_rows,
                   "One more instance of each label, a matrix of labels x features of X, as for xmr-train")
        ->type_name("FILE");
    app.add_option("--labels", labels, "labels.txt: its keys make a trie; else only its length is checked")
        ->type_name("FILE");
    app.add_option("--clusters", clusters,
                   "Your own clusters instead of -x and -y: PECOS's folder, matrices from the top down, or text, key "
                   "TAB path")
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
    app.add_option("--preset", preset, "PECOS's form of tree, and whole label vectors")
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
    branching_option =
        app.add_option("--branching", branching, "Children of a node; the root may have up to four times as many")
            ->transform(range(2U, 1024U))
            ->group("Tree");
    max_leaf_option = app.add_option("--max-leaf", max_leaf, "Labels of a node just above them, at most")
                          ->transform(range(2U, 100000U))
                          ->group("Tree");
    of_methods.push_back(max_leaf_option);

    of_methods.push_back(app.add_option("--y-norm", y_norm, "What the weights of an instance's labels are divided by")
                             ->check(one_of({"none", "l1", "l2", "max"}))
                             ->type_name("NORM")
                             ->group("Clustering"));
    app.add_option("--embedding-size", embedding_size,
                   "Entries kept of a label's vector, those that tell most; 0: all, slower. With --preset pecos: 0")
        ->transform(range(0U, 1000000U))
        ->default_str(std::to_string(kEmbeddingSize))
        ->group("Clustering");
    of_methods.push_back(app.add_option("--rounds", rounds, "Rounds of k-means, at most; default: 8, balanced 20")
                             ->transform(range(1U, 1000U))
                             ->default_str("")
                             ->group("Clustering"));
  }

  bool is_pecos() const { return preset == "pecos"; }
  bool is_balanced() const { return method == "balanced" || is_pecos(); }
  bool has_trie() const { return method == "trie" || method == "hybrid" || method == "must-link"; }
  bool has_clusters() const { return method != "trie" && method != "random"; }
  unsigned depth() const { return trie_depth.value_or(method == "hybrid" ? 1 : method == "must-link" ? 2 : 8); }
  KMeansOptions kmeans(std::uint64_t seed) const { return {rounds.value_or(is_balanced() ? 20 : 8), seed}; }
  EmbeddingOptions embedding() const {
    return {parse_norm(y_norm), embedding_size.value_or(is_pecos() ? 0 : kEmbeddingSize)};
  }
};

// Clusters are the tree: nothing is learnt.
void check_clusters(const IndexOptions& options) {
  const auto refuse = [](const char* option, bool is_given) {
    if (is_given) throw ConfigError(fmt::format("{}: --clusters say where labels go", option));
  };
  refuse("--x", !options.x.empty());
  refuse("--y", !options.y.empty());
  refuse("--label-features", !options.label_features.empty());
  refuse("--label-rows", !options.label_rows.empty());
  refuse("--init", !options.init.empty());
  refuse("--init-labels", !options.init_labels.empty());
  refuse("--dry-run", options.dry_run);
  refuse("--preset", !options.preset.empty());
  refuse("--method", options.method != "kmeans");
  refuse("--trie-depth", options.trie_depth.has_value());
  refuse("--embedding-size", options.embedding_size.has_value());
  for (const CLI::Option* option : options.of_methods)
    refuse(option->get_name().c_str(), option->count() > 0);
  if (std::ranges::count(options.clusters, "-") > 0)
    throw ConfigError("--clusters -: they are read more than once, so they must be files");
}

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
  refuse("--branching", options.branching_option->count() > 0);
  if (options.dry_run) throw ConfigError("--dry-run: it does not know --init");
  if (!options.init_labels.empty() && options.labels.empty())
    throw ConfigError("--init-labels: it needs --labels, the names of the labels of now");
}

void check_use(const IndexOptions& options) {
  if (!options.clusters.empty()) return check_clusters(options);
  const char* const hint = "xmr-index --help lists the options";
  if (options.x.empty()) throw ConfigError("--x is required", hint);
  if (options.y.empty()) throw ConfigError("--y is required", hint);
  check_init(options);
  check_dash_once("stdin", {options.x.paths,
                            {options.y, options.label_features, options.label_rows, options.labels},
                            {options.init, options.init_labels}});
  if (!options.has_clusters() && !options.label_features.empty())
    throw ConfigError(fmt::format("--label-features: --method {} has no use for them", options.method));
  if (!options.has_clusters() && !options.label_rows.empty())
    throw ConfigError(fmt::format("--label-rows: --method {} has no use for them", options.method));
  if (!options.label_rows.empty()) options.x.require_single("--label-rows");
  if (options.has_trie() && options.labels.empty())
    throw ConfigError(fmt::format("--method {}: it needs --labels", options.method));
  if (!options.has_trie() && options.trie_depth)
    throw ConfigError(fmt::format("--trie-depth: --method {} makes no trie", options.method));
  if (options.has_trie() && options.is_pecos())
    throw ConfigError(fmt::format("--preset pecos: its form is not one of --method {}", options.method));
}

// A row for each label of y.
std::optional<MatrixFile> read_label_matrix(const std::string& path, const MatrixFile& y) {
  if (path.empty()) return std::nullopt;
  MatrixFile matrix(path);
  if (matrix.view().rows != y.view().cols)
    throw DataError(matrix.name(),
                    fmt::format("{} rows, but {} has {} labels", matrix.view().rows, y.name(), y.view().cols));
  return matrix;
}

std::vector<LabelId> random_order(LabelId labels, std::uint64_t seed) {
  std::vector<LabelId> order(labels);
  std::iota(order.begin(), order.end(), LabelId{0});
  Random(seed).shuffle(std::span(order));
  return order;
}

CsrMatrix label_vectors(const IndexOptions& options, CsrView x, CsrView y, CsrView label_features, Run& run) {
  CsrMatrix vectors = embed_labels(x, y, label_features, options.embedding(), run.parallel());
  std::uint64_t empty = 0;
  for (Row r = 0; r < vectors.rows(); ++r)
    empty += vectors.view().row(r).size() == 0 ? 1 : 0;
  if (empty == vectors.rows() && empty > 1)
    run.observer().warn("nothing tells one label from another: the tree follows label ids");
  run.record("embedding_nnz", vectors.view().nnz());
  run.record("labels_without_embedding", empty);
  return vectors;
}

// `vectors` of methods that cluster.
LabelTree make_tree(const IndexOptions& options, LabelId labels, const LabelNames* names, CsrView vectors, Run& run) {
  const std::uint64_t seed = run.common().seed;
  const KMeansOptions kmeans = options.kmeans(seed);
  if (options.has_trie()) {
    const Trie trie(names->stored().keys, options.depth(), options.labels);
    if (options.method == "trie") return trie_tree(trie);
    const auto make = options.method == "hybrid" ? hybrid_tree : must_link_tree;
    return make(trie, vectors, {options.branching, options.max_leaf, kmeans}, run.parallel());
  }
  const auto make_shape = options.is_pecos() ? TreeShape::pecos : TreeShape::wide_root;
  const TreeShape shape = make_shape(labels, options.branching, options.max_leaf);
  if (options.method == "random") return shape.tree(random_order(labels, seed));
  if (options.is_balanced()) return shape.tree(balanced_kmeans(vectors, shape, kmeans, run.parallel()));
  return kmeans_tree(vectors, shape, options.max_leaf, kmeans, run.parallel());
}

nlohmann::ordered_json content_of(const IndexOptions& options, std::uint64_t seed) {
  nlohmann::ordered_json content = {
      {"method", options.is_pecos() && options.method == "kmeans" ? "balanced" : options.method}};
  if (options.has_trie()) content["trie_depth"] = options.depth();
  if (options.method != "trie") {
    content["form"] = options.is_pecos() ? "pecos" : "wide-root";
    content["branching"] = options.branching;
    content["max_leaf"] = options.max_leaf;
    content["seed"] = seed;
  }
  if (!options.has_clusters()) return content;
  content["y_norm"] = options.y_norm;
  content["embedding_size"] = options.embedding().size;
  content["rounds"] = options.kmeans(seed).rounds;
  return content;
}

IndexEstimate estimate(const IndexOptions& options, CsrView x, CsrView y,
                       const std::optional<MatrixFile>& label_features, const Run& run) {
  const auto make_shape = options.is_pecos() ? TreeShape::pecos : TreeShape::wide_root;
  return estimate_indexing(x, y, label_features ? label_features->view() : CsrView(), options.embedding().size,
                           make_shape(y.cols, options.branching, options.max_leaf).clusters(), options.has_clusters(),
                           run.common().threads);
}

LabelTree grow(const IndexOptions& options, const InitialTree& initial, CsrView vectors,
               nlohmann::ordered_json& content, Run& run) {
  // A tree that had larger ones was meant to.
  const std::uint32_t max_leaf =
      options.max_leaf_option->count() > 0 ? options.max_leaf : std::max(options.max_leaf, initial.largest_leaf());
  const KMeansOptions kmeans{options.rounds.value_or(20), run.common().seed};
  GrownTree grown = grow_tree(initial.tree, initial.new_ids, vectors, {max_leaf, kmeans}, run.parallel());
  content = {{"method", "init"},         {"init", initial.tree.fingerprint()},
             {"max_leaf", max_leaf},     {"seed", run.common().seed},
             {"y_norm", options.y_norm}, {"embedding_size", options.embedding().size},
             {"rounds", kmeans.rounds}};
  run.record("labels_kept", grown.kept);
  run.record("labels_added", grown.added);
  run.record("labels_gone", std::ranges::count(initial.new_ids, kGone));
  run.record("nodes_added", grown.nodes_added);
  return std::move(grown.tree);
}

void record_nodes(const LabelTree& tree, Run& run) {
  std::vector<NodeId> nodes;
  for (std::size_t level = 0; level < tree.depth(); ++level)
    nodes.push_back(tree.nodes(level));
  run.record("nodes", nodes);
}

// A tree of somebody's own clusters.
void import_clusters(const IndexOptions& options, Run& run) {
  std::optional<LabelNames> names;
  if (!options.labels.empty()) names = LabelNames::read(options.labels);
  std::vector<ChainLevel> chain = read_clusters(options.clusters, names ? &*names : nullptr);
  const std::uint64_t labels = chain.back().children.cols();
  if (names && names->size() != labels)
    throw DataError(options.labels, fmt::format("{} labels, but {} has {}", names->size(), chain.back().name, labels));
  nlohmann::ordered_json content = {{"method", "clusters"}};
  if (add_upper_levels(chain, options.branching) > 0) content["branching"] = options.branching;
  const LabelTree tree = tree_of_chain(chain, Unplaced::refuse).tree;
  write_tree(NpzWriter(options.output), tree, std::move(content));
  run.record("labels", labels);
  record_nodes(tree, run);
}

void run(const IndexOptions& options, Run& run) {
  check_use(options);
  check_dash_once("stdout", {{options.output, run.common().stats}});
  if (!options.clusters.empty()) return import_clusters(options, run);
  const MatrixFile x = options.x.read(), y(options.y);
  check_instances(x.view(), x.name(), y.view(), y.name());
  std::optional<LabelNames> names;
  if (!options.labels.empty()) names = LabelNames::read(options.labels, y.view().cols, y.name());
  std::optional<InitialTree> initial;
  if (!options.init.empty())
    initial = InitialTree::read(options.init, options.init_labels, names ? &*names : nullptr, y);
  const std::optional<MatrixFile> label_features = read_label_matrix(options.label_features, y);
  const std::optional<MatrixFile> label_rows = read_label_matrix(options.label_rows, y);
  std::optional<InstanceMatrices> stacked;
  if (label_rows) {
    if (label_rows->view().cols != x.view().cols)
      throw DataError(label_rows->name(),
                      fmt::format("{} features, but {} has {}", label_rows->view().cols, x.name(), x.view().cols));
    stacked = with_label_rows(x.view(), y.view(), label_rows->view());
  }
  const CsrView instances = stacked ? stacked->x : x.view(), labels_of = stacked ? stacked->y : y.view();
  const auto estimated = [&] { return estimate(options, instances, labels_of, label_features, run); };
  if (options.dry_run) {
    const IndexEstimate of = estimated();
    return print_estimate(of.memory_bytes, of.seconds, of.tree_bytes, run);
  }
  run.expect_memory([&] { return estimated().memory_bytes; });
  NpzWriter out(options.output);
  run.record("rows", x.view().rows);
  run.record("features", x.view().cols);
  run.record("labels", y.view().cols);
  run.record("nnz", x.view().nnz());

  CsrMatrix vectors;
  if (options.has_clusters())
    vectors = label_vectors(options, instances, labels_of, label_features ? label_features->view() : CsrView(), run);
  const auto labels = static_cast<LabelId>(y.view().cols);
  nlohmann::ordered_json content = content_of(options, run.common().seed);
  const LabelTree tree = initial ? grow(options, *initial, vectors, content, run)
                                 : make_tree(options, labels, names ? &*names : nullptr, vectors, run);
  content["x"] = fingerprint(x.view());
  content["y"] = fingerprint(y.view());
  if (label_features) content["label_features"] = fingerprint(label_features->view());
  if (label_rows) content["label_rows"] = fingerprint(label_rows->view());
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
      .main(argc, argv);
}
