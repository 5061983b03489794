#include "xmr/index/tree_statistics.hpp"

#include "xmr/index/tree_text.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// Three nodes below the root, the second one without children; five labels.
LabelTree tree_for_statistics() {
  return {{{0, 3}, {0, 2, 2, 5}}, {4, 0, 3, 1, 2}};
}

std::string text(const LabelTree& tree, const std::function<std::string_view(LabelId)>& key = nullptr) {
  const TemporaryDirectory dir;
  OutputFile out(dir / "t");
  write_tree_text(out, tree, key);
  out.commit();
  return read_file(dir / "t");
}

}  // namespace

TEST_CASE("levels of a tree tell nodes, children and labels") {
  const auto levels = level_statistics(tree_for_statistics());
  REQUIRE(levels.size() == 2);
  CHECK(levels[0].nodes == 3);
  CHECK(levels[0].children.max == 3);
  CHECK(levels[0].labels.min == 0);
  CHECK(levels[0].labels.median == 2);
  CHECK(levels[0].labels.max == 3);
  CHECK(levels[1].nodes == 5);
  CHECK(levels[1].children.min == 0);
  CHECK(levels[1].children.max == 3);
  CHECK(levels[1].labels.max == 1);
}

TEST_CASE("a tree as text names the nodes above each label, in tree order") {
  CHECK(text(tree_for_statistics()) == "4\t0\n0\t0\n3\t2\n1\t2\n2\t2\n");
  CHECK(text({{{0, 2}, {0, 1, 3}, {0, 2, 2, 3}}, {2, 0, 1}}) == "2\t0/0\n0\t0/0\n1\t1/2\n");
  CHECK(text({{{0, 2}}, {1, 0}}) == "1\t\n0\t\n");
  const std::vector<std::string> keys{"a", "b", "c", "d", "e"};
  CHECK(text(tree_for_statistics(), [&](LabelId label) -> std::string_view { return keys[label]; }) ==
        "e\t0\na\t0\nd\t2\nb\t2\nc\t2\n");
}
