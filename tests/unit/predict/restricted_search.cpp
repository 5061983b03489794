#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "xmr/predict/linear_search.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/ranked.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using test::ranked;
using test::Ranked;

namespace {

// The best k of all ranked labels that are allowed.
Ranked only(Ranked all, const std::vector<bool>& allowed, std::size_t k) {
  std::erase_if(all, [&](const auto& answer) { return !allowed[answer.first]; });
  all.resize(std::min(all.size(), k));
  return all;
}

}  // namespace

TEST_CASE("a search for a set of labels gives the scores and the order that they have among all") {
  const test::TemporaryDirectory folder;
  const PostProcessor post_processor(GENERATE("l3-hinge", "sigmoid"));
  Random random(31);
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    const test::PlainModel plain = test::random_model(random, 12);
    plain.write(folder / "model.npz");
    const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
    std::vector<bool> allowed(model.labels());
    for (std::size_t label = 0; label < allowed.size(); ++label)
      allowed[label] = random.below(3) == 0;
    const SearchOptions options{.k = 5, .beam = 2000, .post_processor = post_processor, .allowed = &allowed};
    BeamSearch beam(model, options);
    BeamSearch exact(model, exact_search(options, model.tree()));
    const CsrMatrix queries = test::random_queries(random, 12, 4);
    for (Row row = 0; row < queries.rows(); ++row) {
      const SparseRow query = queries.view().row(row);
      const Ranked expected = only(exhaustive_walk(plain, query, post_processor, TieRule::margin, 10000), allowed, 5);
      CHECK(ranked(beam({query})) == expected);
      CHECK(ranked(exact({query})) == expected);
    }
  }
}

TEST_CASE("a beam has places for nodes that lead to allowed labels only") {
  const test::TemporaryDirectory folder;
  // Twenty clusters of twenty labels; the only allowed labels are in the worst cluster.
  constexpr std::uint32_t kClusters = 20;
  test::PlainModel plain{.tree = {}, .features = 1, .weights = {}};
  std::vector<std::uint32_t> ends{0};
  std::vector<LabelId> labels;
  plain.weights.resize(2);
  auto &clusters = plain.weights[0], &leaves = plain.weights[1];
  for (std::uint32_t c = 0; c < kClusters; ++c) {
    clusters.push_back({-static_cast<float>(c), 0});
    for (std::uint32_t i = 0; i < kClusters; ++i) {
      labels.push_back(c * kClusters + i);
      leaves.push_back({-static_cast<float>(i), 0});
    }
    ends.push_back(static_cast<std::uint32_t>(labels.size()));
  }
  plain.tree = LabelTree({{0, kClusters}, ends}, labels);
  plain.write(folder / "model.npz");
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  std::vector<bool> allowed(labels.size());
  std::fill(allowed.end() - kClusters, allowed.end(), true);
  const std::vector<FeatureId> indices{0};
  const std::vector<float> values{1};
  BeamSearch search(model, {.k = 2, .beam = 1, .post_processor = PostProcessor("log-l1-hinge"), .allowed = &allowed});
  CHECK(ranked(search({{indices, values}})) == Ranked{{380, -21}, {381, -22}});
}

TEST_CASE("candidates of a query are all scored, and nothing else is answered") {
  const test::TemporaryDirectory folder;
  const PostProcessor post_processor(GENERATE("l3-hinge", "noop"));
  const TieRule ties = GENERATE(TieRule::margin, TieRule::position);
  Random random(32);
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    const test::PlainModel plain = test::random_model(random, 12);
    plain.write(folder / "model.npz");
    const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
    const TreePaths paths(model.tree());
    BeamSearch search(model, {.k = 7, .beam = 1, .post_processor = post_processor, .ties = ties, .paths = &paths});
    const CsrMatrix queries = test::random_queries(random, 12, 4);
    for (Row row = 0; row < queries.rows(); ++row) {
      std::vector<LabelId> among;
      std::vector<bool> allowed(model.labels());
      for (LabelId label = 0; label < allowed.size(); ++label) {
        if (random.below(4) > 0) continue;
        among.insert(among.begin(), label);  // in any order
        allowed[label] = true;
      }
      Query query{queries.view().row(row)};
      query.among = among;
      const Ranked all = exhaustive_walk(plain, query.features, post_processor, ties, 10000);
      if (ties == TieRule::margin)
        CHECK(ranked(search(query)) == only(all, allowed, 7));
      else
        CHECK(ranked(search(query)).size() == only(all, allowed, 7).size());
    }
  }
}

TEST_CASE("candidates may be clusters, whose labels are all scored") {
  const test::TemporaryDirectory folder;
  const PostProcessor post_processor("l3-hinge");
  Random random(33);
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    const test::PlainModel plain = test::random_model(random, 12);
    if (plain.tree.depth() < 2) continue;
    plain.write(folder / "model.npz");
    const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
    const TreePaths paths(model.tree());
    const auto level = static_cast<std::uint32_t>(random.below(model.tree().depth() - 1));
    BeamSearch search(model,
                      {.k = 7, .beam = 1, .post_processor = post_processor, .paths = &paths, .among_level = level});
    std::vector<NodeId> among;
    for (NodeId node = 0; node < model.tree().nodes(level); ++node)
      if (random.below(2) == 0) among.push_back(node);
    std::vector<bool> below = std::vector<bool>(model.tree().nodes(level));
    for (const NodeId node : among)
      below[node] = true;
    for (std::size_t t = level + 1; t < model.tree().depth(); ++t) {
      std::vector<bool> next(model.tree().nodes(t));
      for (NodeId parent = 0; parent < below.size(); ++parent)
        for (const NodeId child : model.tree().children(t, parent))
          next[child] = below[parent];
      below = next;
    }
    std::vector<bool> allowed(model.labels());
    for (NodeId leaf = 0; leaf < below.size(); ++leaf)
      allowed[model.tree().labels()[leaf]] = below[leaf];
    const CsrMatrix queries = test::random_queries(random, 12, 3);
    for (Row row = 0; row < queries.rows(); ++row) {
      Query query{queries.view().row(row)};
      query.among = among;
      const Ranked all = exhaustive_walk(plain, query.features, post_processor, TieRule::margin, 10000);
      CHECK(ranked(search(query)) == only(all, allowed, 7));
    }
  }
}
