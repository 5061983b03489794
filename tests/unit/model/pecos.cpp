#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "xmr/model/level_matrix.hpp"
#include "xmr/model/pecos_export.hpp"
#include "xmr/model/pecos_import.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/pecos_folder.hpp"
#include "support/plain_model.hpp"
#include "support/random_matrix.hpp"
#include "support/ranked.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::ranked;
using xmr::test::TemporaryDirectory;

namespace {

constexpr std::uint32_t kPecosFeatures = 9;

// A model with nodes in no order, and labels that were pruned away, in PECOS's form.
struct Pecos {
  std::vector<test::PecosLevel> levels;
  test::PlainModel plain;  // the same in tree order
};

CsrMatrix random_weights(Random& random, std::uint64_t nodes, std::uint64_t columns) {
  constexpr float kWeights[] = {0, 0, -1, -0.5F, 0.25F, 1, 3};
  CsrMatrix weights(columns);
  for (std::uint64_t node = 0; node < nodes; ++node) {
    for (std::uint32_t column = 0; column < columns; ++column)
      if (const float weight = kWeights[random.below(std::size(kWeights))]; weight != 0) weights.push(column, weight);
    weights.end_row();
  }
  return weights;
}

// `nodes` of each level; some have no parent.
Pecos random_pecos(Random& random, const std::vector<std::uint32_t>& nodes, double bias) {
  Pecos made;
  std::vector<std::vector<std::uint32_t>> offsets;
  std::vector<NodeId> above{0};
  std::uint64_t parents = 1;
  for (std::size_t t = 0; t < nodes.size(); ++t) {
    std::vector<std::vector<NodeId>> children(parents);
    for (NodeId node = 0; node < nodes[t]; ++node)
      if (node == 0 || random.below(8) > 0) children[random.below(parents)].push_back(node);
    if (t == 0) std::ranges::reverse(children[0]);  // any order is kept
    test::PecosLevel level{.weights = random_weights(random, nodes[t], kPecosFeatures + (bias > 0 ? 1 : 0)),
                           .children = CsrMatrix(nodes[t]),
                           .bias = bias};
    for (const auto& of_parent : children) {
      for (const NodeId child : of_parent)
        level.children.push(child, 1);
      level.children.end_row();
    }
    std::vector<NodeId> here;
    std::vector<std::uint32_t>& ends = offsets.emplace_back(1, 0);
    for (const NodeId parent : above) {
      here.insert(here.end(), children[parent].begin(), children[parent].end());
      ends.push_back(static_cast<std::uint32_t>(here.size()));
    }
    auto& dense = made.plain.weights.emplace_back();
    for (const NodeId node : here) {
      auto& row = dense.emplace_back(kPecosFeatures + 1, 0.0F);
      const SparseRow stored = level.weights.view().row(node);
      for (std::size_t i = 0; i < stored.size(); ++i)
        row[stored.indices[i]] =
            stored.values[i] * (stored.indices[i] == kPecosFeatures ? static_cast<float>(bias) : 1);
    }
    made.levels.push_back(std::move(level));
    above = std::move(here);
    parents = nodes[t];
  }
  made.plain.tree = LabelTree(std::move(offsets), above, nodes.back());
  made.plain.features = kPecosFeatures;
  return made;
}

XrLinearModel written(const PecosModel& model, const std::string& path) {
  write_model(NpzWriter(path), {.tree = model.tree,
                                .features = model.features,
                                .weight_type = WeightType::f4,
                                .levels = model.levels,
                                .defaults = model.defaults,
                                .options = model.options});
  return XrLinearModel::open(path);
}

}  // namespace

TEST_CASE("an imported model answers as PECOS does, with children anywhere, pruned labels, with and without bias") {
  const TemporaryDirectory folder;
  const std::string name = GENERATE("l3-hinge", "log-l2-hinge", "sigmoid", "noop");
  const double bias = GENERATE(1.0, -1.0, 2.0);
  const PostProcessor post_processor(name);
  Random random(5);
  Parallel parallel(1);
  int pruned = 0;
  for (int round = 0; round < 6; ++round) {
    CAPTURE(name, bias, round);
    const Pecos pecos = random_pecos(random, {3, 7, 20}, bias);
    if (pecos.plain.tree.placed_labels() == 0) continue;
    pruned += pecos.plain.tree.placed_labels() < 20 ? 1 : 0;
    const std::string place = folder / std::to_string(round);
    test::write_pecos_folder(place, pecos.levels, kPecosFeatures, name);
    const XrLinearModel model = written(read_pecos_model(place, parallel), folder / "model.npz");
    CHECK(model.labels() == 20);
    BeamSearch search(model, default_search(model));
    const CsrMatrix queries = test::random_queries(random, kPecosFeatures, 8);
    for (Row row = 0; row < queries.rows(); ++row) {
      const SparseRow query = queries.view().row(row);
      CHECK(ranked(search({query})) == exhaustive_walk(pecos.plain, query, post_processor, TieRule::position, 10, 10));
    }
  }
  CHECK(pruned > 0);
}

TEST_CASE("scores of an imported model that tie, also across parents and where the beam ends, go by position") {
  const TemporaryDirectory folder;
  const std::uint32_t beam = GENERATE(1U, 2U, 3U, 5U);
  const bool all_tie = GENERATE(true, false);
  const PostProcessor post_processor("l3-hinge");
  Random random(8);
  Parallel parallel(1);
  const std::vector<FeatureId> indices{0, 3};
  const std::vector<float> values{1, 2};
  const SparseRow query{indices, values};
  int cut = 0;
  for (int round = 0; round < 12; ++round) {
    CAPTURE(beam, all_tie, round);
    Pecos pecos = random_pecos(random, {4, 9, 25}, -1);
    // Margins of 3 to 9, which all score 1; or some of 0.
    for (std::size_t t = 0; t < pecos.levels.size(); ++t) {
      CsrMatrix weights(kPecosFeatures);
      for (Row node = 0; node < pecos.levels[t].weights.rows(); ++node) {
        const bool is_one = all_tie || random.below(2) == 0;
        for (const FeatureId feature : indices)
          if (is_one) weights.push(feature, static_cast<float>(1 + random.below(3)));
        weights.end_row();
      }
      pecos.levels[t].weights = std::move(weights);
    }
    const std::string place = folder / std::to_string(round);
    test::write_pecos_folder(place, pecos.levels, kPecosFeatures, "l3-hinge");
    const XrLinearModel model = written(read_pecos_model(place, parallel), folder / "model.npz");
    const LabelTree& tree = model.tree();
    // Nodes with how many margins of 0 lead to them: children in the order of their parents, as many as the beam has.
    std::vector<std::pair<NodeId, int>> nodes{{0, 0}};
    for (std::size_t level = 0; level < tree.depth(); ++level) {
      std::vector<std::pair<NodeId, int>> children;
      for (const auto& [parent, zeros] : nodes) {
        const ChunkRows rows = model.rows(level, parent);
        for (const NodeId child : tree.children(level, parent)) {
          const auto is_of_child = [place = child - tree.children(level, parent).front()](const ChildWeight& weight) {
            return weight.child == place;
          };
          children.emplace_back(child, zeros + (std::ranges::any_of(rows.weights, is_of_child) ? 0 : 1));
        }
      }
      std::ranges::stable_sort(children, {}, &std::pair<NodeId, int>::second);
      const std::size_t most = level + 1 == tree.depth() ? 10 : beam;
      if (level + 1 < tree.depth() && children.size() > most && children[most - 1].second == children[most].second)
        ++cut;
      children.resize(std::min(children.size(), most));
      nodes = std::move(children);
    }
    BeamSearch search(model, {.k = 10, .beam = beam, .post_processor = post_processor, .ties = TieRule::position});
    const auto answers = ranked(search({query}));
    REQUIRE(answers.size() == nodes.size());
    for (std::size_t rank = 0; rank < nodes.size(); ++rank) {
      CHECK(answers[rank].first == tree.labels()[nodes[rank].first]);
      CHECK(answers[rank].second == Approx(std::exp(-nodes[rank].second)));
    }
  }
  CHECK(cut > 5);
}

TEST_CASE("the beams of the levels are kept") {
  const TemporaryDirectory folder;
  Random random(6);
  Parallel parallel(1);
  Pecos pecos = random_pecos(random, {4, 12, 30}, 1);
  pecos.levels[0].only_topk = 1;
  pecos.levels[1].only_topk = 3;
  test::write_pecos_folder(folder / "a", pecos.levels, kPecosFeatures, "noop");
  const XrLinearModel model = written(read_pecos_model(folder / "a", parallel), folder / "model.npz");
  CHECK(model.defaults().level_beams == std::vector<std::uint32_t>{1, 3});
  CHECK(default_search(model).level_beams == std::vector<std::uint32_t>{1, 3});
  // One node of the first level, so that a beam of three of the second one is not that of a search with three of each.
  const CsrMatrix queries = test::random_queries(random, kPecosFeatures, 30);
  BeamSearch narrow(model, default_search(model));
  BeamSearch wide(model, {.k = 10, .beam = 3, .post_processor = PostProcessor("noop"), .ties = TieRule::position});
  int different = 0;
  for (Row row = 0; row < queries.rows(); ++row)
    different += ranked(narrow({queries.view().row(row)})) == ranked(wide({queries.view().row(row)})) ? 0 : 1;
  CHECK(different > 0);
}

TEST_CASE("a model that is exported and imported again is the same byte for byte") {
  const TemporaryDirectory folder;
  Random random(7);
  Parallel parallel(2);
  for (int round = 0; round < 8; ++round) {
    const WeightType type = round % 2 == 0 ? WeightType::f4 : WeightType::f2;
    const test::PlainModel plain = test::random_model(random, 12);
    plain.write(folder / "model.npz", {.post_processor = "log-sigmoid", .beam = 7}, type);
    const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
    const std::string place = folder / ("pecos" + std::to_string(round));
    write_pecos_model(model, place, 5);
    const PecosModel back = read_pecos_model(place, parallel);
    CHECK(back.tree.fingerprint() == model.tree().fingerprint());
    CHECK(back.defaults.post_processor == "log-sigmoid");
    if (model.tree().depth() > 1) CHECK(back.defaults.beam == 7);
    const XrLinearModel again = written(back, folder / "again.npz");
    for (std::size_t level = 0; level < model.tree().depth(); ++level) {
      CHECK(test::equal(level_matrix(again, level), level_matrix(model, level)));
      if (type != WeightType::f4) continue;
      CHECK(again.file().get("level" + std::to_string(level) + "/chunks").bytes ==
            model.file().get("level" + std::to_string(level) + "/chunks").bytes);
    }
  }
}

TEST_CASE("labels without a place stay without one on the way through PECOS") {
  const TemporaryDirectory folder;
  Random random(8);
  Parallel parallel(1);
  const Pecos pecos = random_pecos(random, {2, 15}, 1);
  test::write_pecos_folder(folder / "a", pecos.levels, kPecosFeatures, "noop");
  const XrLinearModel model = written(read_pecos_model(folder / "a", parallel), folder / "model.npz");
  write_pecos_model(model, folder / "b", 5);
  CHECK(read_pecos_model(folder / "b", parallel).tree.fingerprint() == pecos.plain.tree.fingerprint());
}

TEST_CASE("a folder is not written over one that holds something") {
  const TemporaryDirectory folder;
  Random random(9);
  test::random_model(random, 3).write(folder / "model.npz");
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  std::filesystem::create_directory(folder / "empty");
  write_pecos_model(model, folder / "empty/", 5);
  CHECK_THROWS_WITH(write_pecos_model(model, folder / "empty", 5),
                    (folder / "empty") + ": exists, and is not an empty folder");
  CHECK(folder.entries() == 2);  // no temporary
}

TEST_CASE("hostile folders of PECOS are refused with the file that is wrong") {
  const TemporaryDirectory folder;
  Random random(10);
  Parallel parallel(1);
  const Pecos pecos = random_pecos(random, {2, 6}, 1);
  const std::string place = folder / "model", level = place + "/ranker/1.model";
  const auto refusal = [&](const std::function<void()>& damage) {
    std::filesystem::remove_all(place);
    test::write_pecos_folder(place, pecos.levels, kPecosFeatures, "noop");
    damage();
    try {
      static_cast<void>(read_pecos_model(place, parallel));
    } catch (const Error& error) {
      const std::string message = error.what();
      REQUIRE(message.starts_with(place + "/ranker/"));
      return message.substr(place.size() + 8);
    }
    return std::string("accepted");
  };
  const auto with_level = [&](const std::function<void(test::PecosLevel&)>& change, const std::string& more = "") {
    return refusal([&] {
      test::PecosLevel changed = pecos.levels[1];
      change(changed);
      test::write_pecos_level(level, changed, kPecosFeatures, "noop", more);
    });
  };
  CHECK(refusal([] {}) == "accepted");
  CHECK(refusal([&] { std::filesystem::remove(level + "/W.npz"); }) ==
        "1.model/W.npz: cannot open: No such file or directory");
  CHECK(refusal([&] { std::filesystem::remove(place + "/ranker/param.json"); }) ==
        "param.json: cannot open: No such file or directory");
  CHECK(refusal([&] { test::write_file(level + "/param.json", "{"); }) ==
        "1.model/param.json: is not JSON: byte 2 is not what it must be");
  CHECK(refusal([&] { test::write_file(level + "/param.json", "[]"); }) == "1.model/param.json: is not a JSON object");
  CHECK(refusal([&] { test::write_file(level + "/param.json", R"({"nr_labels": -3})"); }) ==
        "1.model/param.json: \"nr_labels\" must be a number in 1..2147483648");
  CHECK(with_level([](auto&) {}, R"(, "is_mmap": true)") ==
        "1.model/param.json: is a memory-mapped model, whose arrays are those of one machine");
  CHECK(refusal([&] { test::write_pecos_level(level, pecos.levels[1], kPecosFeatures, "sigmoid"); }) ==
        "1.model/param.json: the post-processor is 'sigmoid', but 'noop' at level 0; one for all levels is read");
  CHECK(refusal([&] { test::write_pecos_level(level, pecos.levels[1], 4, "noop"); }) ==
        "1.model/param.json: 4 features, but the model has 9");
  CHECK(with_level([](auto& l) { l.bias = -1; }) == "1.model/W.npz: 10 x 6, but 9 features x 6 nodes are needed");
  CHECK(with_level([](auto& l) { l.children = CsrMatrix(5); }) == "1.model/C.npz: 5 rows, but param.json says 6 nodes");
  CHECK(with_level([](auto& l) {
          l.children = CsrMatrix(6);
          for (int parent = 0; parent < 2; ++parent) {
            l.children.push(4, 1);
            l.children.end_row();
          }
        }) == "1.model/C.npz: label 4 has two parents, 0 and 1; in a tree it has one");
  CHECK(with_level([](auto& l) {
          l.children = CsrMatrix(6);
          l.children.end_row();
          l.children.end_row();
        }) == "1.model/C.npz: no node of this level can be reached from the root");
}

TEST_CASE("a folder of PECOS with a damaged file is refused or gives finite weights", "[damage]") {
  const TemporaryDirectory folder;
  Random random(10);
  Parallel parallel(1);
  const std::string place = folder / "model", level = place + "/ranker/1.model";
  test::write_pecos_folder(place, random_pecos(random, {2, 4}, 1).levels, kPecosFeatures, "noop");
  const std::string file = GENERATE("/param.json", "/W.npz", "/C.npz");
  const std::string whole = test::read_file(level + file);
  const auto read = [&](const std::string& bytes) {
    test::write_file(level + file, bytes);
    const PecosModel model = read_pecos_model(place, parallel);
    REQUIRE(model.tree.depth() == 2);
    for (const LevelChunks& chunks : model.levels)
      for (const auto& chunk : chunks)
        for (const float bias : ChunkView::trusted(chunk).bias())
          REQUIRE(std::isfinite(bias));
  };
  test::Damage damage("PECOS model", whole);
  damage.cut(read);
  damage.change({0x01, 0x10}, read);
}
