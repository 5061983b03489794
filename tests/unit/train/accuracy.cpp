// The lane solver against one label at a time, on real text: as good at ranking, not only near in its objective.

#include <numeric>
#include <string>
#include <vector>

#include "xmr/evaluate/score.hpp"
#include "xmr/featurize/corpus_features.hpp"
#include "xmr/index/tree_shape.hpp"
#include "xmr/model/chunk_builder.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/train/trainer.hpp"

#include "support/catch.hpp"
#include "support/one_label_solver.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

constexpr std::uint64_t kLabels = 351;

struct Instances {
  CsrMatrix x, y;

  Instances(const std::string& path, const Vectorizer& vectorizer) : x(vectorizer.features()), y(kLabels) {
    Parallel one;
    const LabelColumn labels(kLabels);
    const CorpusFeatures features = featurize_corpus({.paths = {path}}, vectorizer, &labels, one);
    for (std::size_t piece = 0; piece < features.x.size(); ++piece)
      for (Row row = 0; row < features.x[piece].rows(); ++row) {
        x.append_row(features.x[piece].view().row(row));
        y.append_row(features.y[piece].view().row(row));
      }
  }
};

// The labels below each node of a level.
std::vector<std::vector<bool>> labels_below(const LabelTree& tree, std::size_t level) {
  std::vector<std::vector<bool>> below(tree.nodes(level), std::vector<bool>(kLabels));
  for (NodeId node = 0; node < tree.nodes(level); ++node) {
    std::vector<NodeId> nodes{node};
    for (std::size_t next = level + 1; next < tree.depth(); ++next) {
      std::vector<NodeId> children;
      for (const NodeId parent : nodes)
        for (const NodeId child : tree.children(next, parent))
          children.push_back(child);
      nodes = children;
    }
    for (const NodeId leaf : nodes)
      below[node][tree.labels()[leaf]] = true;
  }
  return below;
}

bool has_any(SparseRow labels, const std::vector<bool>& wanted) {
  return std::ranges::any_of(labels.indices, [&](LabelId label) { return wanted[label]; });
}

// All levels, one node at a time.
std::vector<LevelChunks> trained_plainly(const Instances& in, const LabelTree& tree, const TrainOptions& options) {
  std::vector<LevelChunks> levels(tree.depth());
  for (std::size_t level = 0; level < tree.depth(); ++level) {
    const auto below = labels_below(tree, level);
    for (NodeId parent = 0; parent < tree.parents(level); ++parent) {
      std::vector<Row> rows;
      for (Row row = 0; row < in.x.rows(); ++row)
        if (level == 0 || has_any(in.y.view().row(row), labels_below(tree, level - 1)[parent])) rows.push_back(row);
      const CsrMatrix x = select_rows(in.x, rows);
      const NodeRange children = tree.children(level, parent);
      std::vector<std::vector<ChildWeight>> of_feature(x.cols());
      ChunkBuilder builder(children.size(), x.cols(), options.of(0).keep.type);
      for (const NodeId node : children) {
        BinaryProblem problem{x.view(), {}};
        for (const Row row : rows)
          problem.costs.push_back(has_any(in.y.view().row(row), below[node]) ? 1 : -1);
        const BinarySolution solved =
            solve_one_label(problem, options.of(0).solver.eps, options.of(0).solver.max_iterations);
        builder.set_bias(node - children.front(), static_cast<float>(solved.bias_weight));
        for (std::size_t feature = 0; feature < x.cols(); ++feature)
          if (std::fabs(solved.weights[feature]) >= options.of(0).keep.threshold)
            of_feature[feature].push_back({node - children.front(), static_cast<float>(solved.weights[feature])});
      }
      for (FeatureId feature = 0; feature < of_feature.size(); ++feature)
        if (!of_feature[feature].empty()) builder.add(feature, of_feature[feature]);
      builder.finish(levels[level].emplace_back());
    }
  }
  return levels;
}

// P@1, P@3, P@5 in points.
std::vector<double> precision(const Instances& test, const LabelTree& tree, const std::vector<LevelChunks>& levels) {
  const TemporaryDirectory folder;
  write_model(NpzWriter(folder / "model.npz"), {.tree = tree,
                                                .features = test.x.cols(),
                                                .weight_type = WeightType::i1,
                                                .levels = levels,
                                                .defaults = {},
                                                .options = {}});
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  BeamSearch search(model, default_search(model));
  std::vector<double> hits(3);
  for (Row row = 0; row < test.x.rows(); ++row) {
    const SparseRow ranked = search({test.x.view().row(row)});
    const SparseRow truth = test.y.view().row(row);
    for (std::size_t rank = 0; rank < 5; ++rank)
      if (std::ranges::binary_search(truth.indices, ranked.indices[rank]))
        for (const std::size_t k : {0U, 1U, 2U})
          hits[k] += rank <= 2 * k ? 1.0 / static_cast<double>(2 * k + 1) : 0;
  }
  for (double& points : hits)
    points *= 100.0 / static_cast<double>(test.x.rows());
  return hits;
}

}  // namespace

TEST_CASE("on real text, precision is that of a solver of one label at a time") {
  const std::string data = XMR_SOURCE_FOLDER "/data/debian-tags/";
  Parallel one;
  const LearntCorpus learnt = fit_corpus({.paths = {data + "train.tsv"}}, {.blocks = {BlockOptions()}}, one);
  const Instances train(data + "train.tsv", learnt.vectorizer), test(data + "test.tsv", learnt.vectorizer);
  std::vector<LabelId> order(kLabels);
  std::iota(order.begin(), order.end(), LabelId{0});
  const LabelTree tree = TreeShape::wide_root(kLabels, 16, 100).tree(order);
  const TrainOptions options;
  const std::vector<double> lanes =
      precision(test, tree, train_xr_linear(train.x.view(), train.y.view(), tree, options, one).chunks);
  const std::vector<double> plain = precision(test, tree, trained_plainly(train, tree, options));
  for (std::size_t k = 0; k < 3; ++k)
    CHECK(lanes[k] == Approx(plain[k]).margin(0.2));
  CHECK(lanes[0] > 65);
}
