#include "xmr/index/label_tree.hpp"

#include <algorithm>
#include <limits>

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::TemporaryDirectory;

namespace {

using Levels = std::vector<std::vector<std::uint32_t>>;
using Labels = std::vector<LabelId>;

// Three nodes below the root, the second one without children; five labels.
LabelTree sample() {
  return {{{0, 3}, {0, 2, 2, 5}}, {4, 0, 3, 1, 2}};
}

std::string tree_refusal(const Levels& levels, const Labels& labels) {
  try {
    const LabelTree tree(levels, labels);
  } catch (const DataError& error) {
    return error.what();
  }
  return "accepted";
}

// Writes any members as a tree file and says how read_tree refuses it.
std::string file_refusal(const Levels& levels, const Labels& labels, const Json& content,
                         const std::string& kind = "label-tree", int version = 1) {
  const TemporaryDirectory dir;
  const std::string path = dir / "tree.npz";
  NpzWriter out(path);
  for (std::size_t t = 0; t < levels.size(); ++t)
    out.add("level" + std::to_string(t), levels[t]);
  out.add("labels", labels);
  out.commit({kind, version, content});
  try {
    read_tree(path);
  } catch (const FormatError& error) {
    const std::string message = error.what();
    REQUIRE(message.rfind(path + ": ", 0) == 0);
    return message.substr(path.size() + 2);
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a tree gives the children of each node as a range") {
  const LabelTree tree = sample();
  CHECK(tree.depth() == 2);
  CHECK(tree.nodes(0) == 3);
  CHECK(tree.nodes(1) == 5);
  CHECK(tree.parents(0) == 1);
  CHECK(tree.parents(1) == 3);
  CHECK(tree.label_count() == 5);
  CHECK(tree.children(0, 0).size() == 3);
  CHECK(tree.children(1, 1).empty());
  CHECK(*tree.children(1, 2).begin() == 2);
  CHECK(*tree.children(1, 2).end() == 5);
}

TEST_CASE("a tree of one label is a root with one child") {
  const LabelTree tree({{0, 1}}, {0});
  CHECK(tree.depth() == 1);
  CHECK(tree.label_count() == 1);
}

TEST_CASE("labels may be left without a place, but none has two") {
  const LabelTree tree({{0, 1}, {0, 2}}, {4, 1}, 6);
  CHECK(tree.label_count() == 6);
  CHECK(tree.placed_labels() == 2);
  CHECK(tree.fingerprint() != LabelTree({{0, 1}, {0, 2}}, {4, 1}, 7).fingerprint());
  CHECK_THROWS_WITH(LabelTree({{0, 1}, {0, 2}}, {6, 1}, 6),
                    "label tree: labels: label 6 at position 0 is outside 0..5");
  CHECK_THROWS_WITH(LabelTree({{0, 1}, {0, 2}}, {1, 1}, 6), "label tree: labels: label 1 at position 1 is there twice");
  CHECK_THROWS_WITH(LabelTree({{0, 1}, {0, 2}}, {0, 1}, 1),
                    "label tree: labels: 2 of them have a place, which 1 labels cannot have");
  CHECK_THROWS_WITH(LabelTree({{0, 1}, {0, 2}}, {0, 1}, std::uint64_t{1} << 30),
                    "label tree: labels: 2 of them have a place, which 1073741824 labels cannot have");
}

TEST_CASE("rejects offsets that do not cover each level exactly once") {
  CHECK(tree_refusal({}, {0}) == "label tree: labels: 1 labels, but the last level has 0 nodes");
  CHECK(tree_refusal({{}}, {0}) == "label tree: level0: 0 offsets, but the nodes of the level above, 1, need 2");
  CHECK(tree_refusal({{0, 2}, {0, 3}}, {0, 1, 2}) ==
        "label tree: level1: 2 offsets, but the nodes of the level above, 2, need 3");
  CHECK(tree_refusal({{1, 2}}, {0}) == "label tree: level0: the first offset is 1, not 0");
  CHECK(tree_refusal({{0, 2}, {0, 4, 3}}, {0, 1, 2}) ==
        "label tree: level1: offset 2 is 3, less than the one before it, 4");
}

TEST_CASE("rejects labels that are no permutation") {
  CHECK(tree_refusal({{0, 0}}, {}) == "label tree: labels: there are none");
  CHECK(tree_refusal({{0, 2}}, {0}) == "label tree: labels: 1 labels, but the last level has 2 nodes");
  CHECK(tree_refusal({{0, 2}}, {0, 2}) == "label tree: labels: label 2 at position 1 is outside 0..1");
  CHECK(tree_refusal({{0, 2}}, {1, 1}) == "label tree: labels: label 1 at position 1 is there twice");
}

TEST_CASE("a tree file gives back the tree and what it was made with") {
  const TemporaryDirectory dir;
  write_tree(NpzWriter(dir / "tree.npz"), sample(), {{"method", "kmeans"}});
  const LabelTree tree = read_tree(dir / "tree.npz");
  CHECK(tree.fingerprint() == sample().fingerprint());
  CHECK(tree.depth() == 2);
  CHECK(Labels(tree.labels().begin(), tree.labels().end()) == Labels{4, 0, 3, 1, 2});
  const NpzFile file(dir / "tree.npz");
  CHECK(file.meta().kind == "label-tree");
  CHECK(file.meta().content.at("method") == "kmeans");
  CHECK(file.meta().content.at("labels") == 5);
  CHECK(file.meta().content.at("tree") == tree.fingerprint());
}

TEST_CASE("a tree can be a component of another file") {
  const TemporaryDirectory dir;
  NpzWriter out(dir / "model.npz");
  sample().write(out, "tree/");
  out.commit({"model", 1});
  const NpzFile file(dir / "model.npz");
  CHECK(LabelTree::read(file, "tree/", 2).fingerprint() == sample().fingerprint());
  CHECK_THROWS_AS(LabelTree::read(file, "tree/", 3), FormatError);
  CHECK_THROWS_AS(LabelTree::read(file, "", 2), FormatError);
}

TEST_CASE("different trees have different fingerprints") {
  const std::string print = sample().fingerprint();
  CHECK(print.size() == 16);
  CHECK(LabelTree({{0, 3}, {0, 2, 2, 5}}, {4, 0, 3, 2, 1}).fingerprint() != print);
  CHECK(LabelTree({{0, 3}, {0, 2, 3, 5}}, {4, 0, 3, 1, 2}).fingerprint() != print);
  CHECK(LabelTree({{0, 5}}, {4, 0, 3, 1, 2}).fingerprint() != print);
}

TEST_CASE("rejects a tree file that is wrong, naming the member") {
  CHECK(file_refusal({{0, 2}}, {0, 5}, {{"depth", 1}}) == "member labels: label 5 at position 1 is outside 0..1");
  CHECK(file_refusal({{0, 2}, {0, 1, 9}}, {0, 1}, {{"depth", 2}}) ==
        "member labels: 2 labels, but the last level has 9 nodes");
  CHECK(file_refusal({{0, 2}, {0, 1}}, {0, 1}, {{"depth", 2}}) ==
        "member level1: 2 offsets, but the nodes of the level above, 2, need 3");
  CHECK(file_refusal({{0, 2}}, {0, 1}, Json::object()) == "meta.json: depth is absent or no number");
  CHECK(file_refusal({{0, 2}}, {0, 1}, {{"depth", -1}}) == "meta.json: depth is absent or no number");
  CHECK(file_refusal({{0, 2}}, {0, 1}, {{"depth", std::numeric_limits<std::uint64_t>::max()}}) != "accepted");
  CHECK(file_refusal({{0, 2}}, {0, 1}, {{"depth", 1}}, "matrix") != "accepted");
  CHECK(file_refusal({{0, 2}}, {0, 1}, {{"depth", 1}}, "label-tree", 2) != "accepted");
}

TEST_CASE("a tree file that was cut off or changed in one byte is refused or read as it was", "[damage]") {
  const TemporaryDirectory dir;
  write_tree(NpzWriter(dir / "tree.npz"), sample(), {});
  const std::string good = test::read_file(dir / "tree.npz");
  const auto read = [&](const std::string& bytes) {
    test::write_file(dir / "bad.npz", bytes);
    const LabelTree tree = read_tree(dir / "bad.npz");
    REQUIRE(tree.fingerprint() == sample().fingerprint());
  };
  test::Damage damage("tree", good);
  CHECK(damage.cut(read) == good.size());
  damage.change({0x10}, read);
}

TEST_CASE("the first levels of a tree are a tree whose labels are nodes") {
  const LabelTree tree = sample(), first = tree.first_levels(1);
  CHECK(first.depth() == 1);
  CHECK(std::ranges::equal(first.offsets(0), tree.offsets(0)));
  CHECK(Labels(first.labels().begin(), first.labels().end()) == Labels{0, 1, 2});
  CHECK(tree.first_levels(2).label_count() == tree.label_count());
}
