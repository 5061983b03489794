#include "xmr/index/cluster_chain.hpp"

#include <string>
#include <utility>
#include <vector>

#include "xmr/io/json.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

// children[p]: the children of parent p.
ChainLevel level(const std::string& name, std::uint64_t nodes, const std::vector<std::vector<NodeId>>& children) {
  ChainLevel made{name, CsrMatrix(nodes)};
  for (const auto& of_parent : children) {
    for (const NodeId child : of_parent)
      made.children.push(child, 1);
    made.children.end_row();
  }
  return made;
}

std::string refusal(const std::vector<ChainLevel>& levels, Unplaced unplaced = Unplaced::refuse) {
  try {
    static_cast<void>(tree_of_chain(levels, unplaced));
  } catch (const DataError& error) {
    return error.what();
  }
  return "accepted";
}

std::vector<LabelId> labels_of(const LabelTree& tree) {
  return {tree.labels().begin(), tree.labels().end()};
}

}  // namespace

TEST_CASE("nodes of a chain are numbered anew, and children keep their order") {
  const std::vector<ChainLevel> chain{level("C0", 3, {{2, 0, 1}}), level("C1", 5, {{4, 1}, {}, {3, 0, 2}})};
  const TreeOfChain made = tree_of_chain(chain, Unplaced::refuse);
  CHECK(made.nodes[0] == std::vector<NodeId>{2, 0, 1});
  CHECK(labels_of(made.tree) == std::vector<LabelId>{3, 0, 2, 4, 1});
  CHECK(made.tree.children(1, 0).size() == 3);
  CHECK(made.tree.children(1, 1).size() == 2);
  CHECK(made.tree.children(1, 2).empty());
}

TEST_CASE("what hangs below a node without parent has no place") {
  const std::vector<ChainLevel> chain{level("C0", 3, {{0, 2}}), level("C1", 6, {{5, 1}, {3, 4}, {0}})};
  CHECK(refusal(chain) == "C1: label 2 is in no cluster");
  const TreeOfChain made = tree_of_chain(chain, Unplaced::allow);
  CHECK(labels_of(made.tree) == std::vector<LabelId>{5, 1, 0});
  CHECK(made.tree.label_count() == 6);
  CHECK(made.tree.placed_labels() == 3);
}

TEST_CASE("refuses chains that are no trees") {
  CHECK(refusal({level("C0", 2, {{0, 1}}), level("C1", 3, {{0, 1}, {1, 2}})}) ==
        "C1: label 1 has two parents, 0 and 1; in a tree it has one");
  CHECK(refusal({level("C0", 2, {{0, 1}}), level("C1", 2, {{0, 0}, {1}})}) ==
        "C1: label 0 has two parents, 0 and 0; in a tree it has one");
  CHECK(refusal({level("C0", 2, {{0}, {1}})}) == "C0: 2 parents, but the level above has 1 node");
  CHECK(refusal({level("C0", 2, {{0, 1}}), level("C1", 2, {{0, 1}})}) ==
        "C1: 1 parents, but the level above has 2 nodes");
  CHECK(refusal({level("C0", 2, {{0}}), level("C1", 2, {{0}, {1}})}) ==
        "C1: 1 of 2 labels hang below clusters that are in no cluster");
  CHECK(refusal({level("C0", 2, {{}}), level("C1", 2, {{0}, {1}})}, Unplaced::allow) ==
        "C0: no node of this level can be reached from the root");
}

TEST_CASE("a matrix of a level holds ones only") {
  const test::TemporaryDirectory folder;
  CsrMatrix by_parent(2);
  by_parent.push(1, 1);
  by_parent.end_row();
  by_parent.push(0, 0.5F);
  by_parent.end_row();
  write_matrix_by_column(folder / "C.npz", by_parent, {});
  CHECK_THROWS_WITH(read_chain_level(folder / "C.npz"),
                    (folder / "C.npz") + ": node 0, parent 1: the value is 0.5, only 1 (is its child) is allowed");
}
