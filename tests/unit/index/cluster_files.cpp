#include "xmr/index/cluster_files.hpp"

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

TEST_CASE("clusters as text that were cut off or changed are refused or a tree of every label", "[damage]") {
  const test::TemporaryDirectory dir;
  LabelNames names;
  for (const char* key : {"kettle", "lamp", "iron"})
    names.add(key, {}, 0);
  const bool by_key = GENERATE(true, false);
  const auto read = [&](const std::string& bytes) {
    test::write_file(dir / "clusters", bytes);
    std::vector<ChainLevel> chain = read_clusters({dir / "clusters"}, by_key ? &names : nullptr);
    add_upper_levels(chain, 2);
    const LabelTree tree = tree_of_chain(chain, Unplaced::refuse).tree;
    REQUIRE(tree.labels().size() == tree.label_count());
  };
  const std::string whole =
      by_key ? "kettle\tkitchen/hot\r\nlamp\tliving\niron\tkitchen/hot\n" : "0\ta/b\n1\tc/d\n2\ta/b";
  test::Damage damage("clusters", whole);
  damage.cut(read);
  damage.replace(read);
}
