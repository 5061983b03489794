#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "xmr/distributed/equal_parts.hpp"
#include "xmr/distributed/tree_plan.hpp"
#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/random_matrix.hpp"
#include "support/temporary_directory.hpp"
#include "support/tree_below.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// Instances and labels, some labels without rows; a plan and its parts in a folder.
struct Planned {
  explicit Planned(TreeRecipe of, std::uint32_t parts, LabelId labels = 600, LabelId sample = 0)
      : recipe(of), y(random_matrix(900, labels, 3.0 / labels, 2, true)) {
    const LabelEmbedding embedding(x, y, {}, recipe.embedding, parallel);
    std::vector<float> mean = embedding.mean();
    const Json content = {{"branching", recipe.tree.branching},
                          {"max_leaf", recipe.tree.max_leaf},
                          {"seed", recipe.tree.kmeans.seed},
                          {"rounds", recipe.tree.kmeans.rounds},
                          {"y_norm", "l2"},
                          {"embedding_size", recipe.embedding.size}};
    TreeTop top = tree_top(embedding, mean, recipe.tree, sample, parallel);
    whole = tree_below(top.divided, embedding.vectors(mean), recipe.tree, parallel);
    TreePlan::make(recipe, content, std::move(top), mean, parts).write(NpzWriter(folder / "plan.npz"));
    const TreePlan plan = read();
    for (std::uint32_t part = 0; part < parts; ++part) {
      paths.push_back(folder / (std::to_string(part) + ".npz"));
      const LabelEmbedding own(x, y, {}, recipe.embedding, parallel, plan.labels(part));
      const auto make = [&](std::span<const LabelId> some) { return own.vectors_of(some, plan.mean()); };
      write_tree_part(NpzWriter(paths.back()), plan, part, plan.divide(make, part, parallel));
    }
  }

  TreePlan read() const { return TreePlan::read(folder / "plan.npz"); }

  TreeRecipe recipe;
  CsrMatrix x = random_matrix(900, 300, 0.05, 1, true), y;
  LabelTree whole;
  TemporaryDirectory folder;
  std::vector<std::string> paths;
  Parallel parallel{2};
};

TreeRecipe recipe_of(std::uint32_t branching, std::uint32_t max_leaf, std::uint32_t size) {
  return {.tree = {branching, max_leaf, {8, 5}}, .embedding = {Norm::l2, size}};
}

}  // namespace

TEST_CASE("a tree in parts is that of one process, whatever its form and their number") {
  const std::uint32_t parts = GENERATE(1U, 3U, 8U, 50U), max_leaf = GENERATE(4U, 30U, 1000U);
  const Planned planned(recipe_of(3, max_leaf, GENERATE(0U, 16U)), parts, 600, GENERATE(0U, 100U));
  const TreePlan plan = planned.read();
  CHECK(plan.parts() == parts);
  CHECK(plan.needs_vectors() == (planned.whole.depth() > 2));
  std::vector<std::string> backwards(planned.paths.rbegin(), planned.paths.rend());
  CHECK(merge_tree_parts(plan, backwards).fingerprint() == planned.whole.fingerprint());
}

TEST_CASE("the vectors of some labels are those that all labels have") {
  const Planned planned(recipe_of(3, 4, 16), 3);
  Parallel parallel;
  const CsrMatrix all = embed_labels(planned.x, planned.y, {}, planned.recipe.embedding, parallel);
  const TreePlan plan = planned.read();
  const std::vector<LabelId> labels = plan.labels(1);
  REQUIRE(!labels.empty());
  const CsrMatrix some =
      LabelEmbedding(planned.x, planned.y, {}, planned.recipe.embedding, parallel, labels).vectors(plan.mean());
  CHECK(equal(some, select_rows(all, std::vector<Row>(labels.begin(), labels.end()))));
}

TEST_CASE("parts of a tree have about equal work") {
  const Planned planned(recipe_of(16, 4, 0), 4);
  const TreePlan plan = planned.read();
  std::size_t least = 600, most = 0;
  for (std::uint32_t part = 0; part < 4; ++part) {
    least = std::min(least, plan.labels(part).size());
    most = std::max(most, plan.labels(part).size());
  }
  CHECK(least * 2 > most);
}

TEST_CASE("work is cut where the sums of costs are nearest to equal shares") {
  const std::vector<std::uint64_t> costs{5, 1, 1, 1, 8};
  CHECK(cut_evenly(costs, 2) == std::vector<std::uint64_t>{0, 4, 5});
  CHECK(cut_evenly(costs, 1) == std::vector<std::uint64_t>{0, 5});
  CHECK(cut_evenly({}, 3) == std::vector<std::uint64_t>{0, 0, 0, 0});
}

TEST_CASE("large pieces of work go to different parts, which ranges of the others then fill") {
  const std::vector<std::uint64_t> costs{60, 50, 1, 9, 1, 9, 1, 9, 40, 20};
  CHECK(share_evenly(costs, 3) == std::vector<std::uint32_t>{0, 1, 0, 0, 1, 1, 1, 2, 2, 2});
  CHECK(share_evenly(costs, 1) == std::vector<std::uint32_t>(costs.size(), 0));
  CHECK(share_evenly({}, 3).empty());
  // One that is more than its share has its part for itself.
  CHECK(share_evenly(std::vector<std::uint64_t>{2, 2, 90, 2, 2}, 3) == std::vector<std::uint32_t>{1, 1, 0, 2, 2});
}

TEST_CASE("no part has more than its share and a piece, whatever the pieces of work") {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    const auto parts = static_cast<std::uint32_t>(1 + random.below(12));
    std::vector<std::uint64_t> costs(random.below(300));
    for (std::uint64_t& cost : costs)
      cost = std::uint64_t{1} << random.below(round % 2 == 0 ? 4 : 12);
    const std::vector<std::uint32_t> part_of = share_evenly(costs, parts);
    std::vector<std::uint64_t> loads(parts);
    for (std::size_t piece = 0; piece < costs.size(); ++piece)
      loads.at(part_of[piece]) += costs[piece];
    const std::uint64_t total = std::accumulate(costs.begin(), costs.end(), std::uint64_t{0});
    const std::uint64_t largest = costs.empty() ? 0 : std::ranges::max(costs);
    CHECK(std::ranges::max(loads) <= total / parts + largest + 1);
  }
}

TEST_CASE("parts of a tree are wanted once each, all of them, of their plan") {
  const Planned planned(recipe_of(3, 4, 16), 3), other(recipe_of(3, 4, 0), 3);
  const TreePlan plan = planned.read();
  const auto& paths = planned.paths;
  CHECK_THROWS_WITH(merge_tree_parts(plan, std::vector{paths[1]}), Catch::EndsWith("2 of 3 parts missing: 0, 2"));
  CHECK_THROWS_WITH(merge_tree_parts(plan, std::vector{paths[1], paths[1]}), Catch::Contains("is the same part as"));
  CHECK_THROWS_WITH(merge_tree_parts(plan, std::vector{other.paths[1]}), Catch::Contains("is not a part of"));
}

TEST_CASE("a plan or a part of a tree that was cut off or changed in one byte is refused or read as it was",
          "[damage]") {
  const Planned planned(recipe_of(3, 4, 16), 3, 60);
  const TreePlan plan = planned.read();
  SECTION("plan") {
    const std::string whole = read_file(planned.folder / "plan.npz");
    const auto read = [&](const std::string& bytes) {
      write_file(planned.folder / "bad.npz", bytes);
      const TreePlan bad = TreePlan::read(planned.folder / "bad.npz");
      REQUIRE(bad.fingerprint() == plan.fingerprint());
    };
    Damage damage("plan of a tree", whole);
    CHECK(damage.cut(read) == whole.size());
    damage.change({0x01}, read);
  }
  SECTION("part") {
    const std::string whole = read_file(planned.paths[1]);
    const TreePart good(planned.paths[1]);
    const auto read = [&](const std::string& bytes) {
      write_file(planned.folder / "bad.npz", bytes);
      const TreePart part(planned.folder / "bad.npz");
      REQUIRE((part.plan == good.plan && part.part == 1 && part.subtrees.offsets == good.subtrees.offsets &&
               part.subtrees.labels == good.subtrees.labels));
    };
    Damage damage("part of a tree", whole);
    CHECK(damage.cut(read) == whole.size());
    damage.change({0x01}, read);
  }
}
