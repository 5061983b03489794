#include "xmr/index/trie.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"
#include "xmr/util/utf8.hpp"

#include "support/catch.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;

namespace {

StringTableBuilder table_of(const std::vector<std::string>& keys) {
  StringTableBuilder table;
  for (const std::string& key : keys)
    table.add(key);
  return table;
}

std::string beginning(std::string_view key, std::size_t points) {
  std::size_t length = 0;
  for (; points > 0 && length < key.size(); --points)
    length += decode_utf8(key.substr(length)).length;
  return std::string(key.substr(0, length));
}

// Sorted, different, up to six of a few characters of one to four bytes.
std::vector<std::string> random_keys(Random& random, std::size_t count) {
  static const std::vector<std::string> characters{"a", "b", "c", " ", "é", "ж", "漢", "𝄞"};
  std::set<std::string> keys;
  while (keys.size() < count) {
    std::string key = characters[random.below(3)];
    for (std::uint64_t n = random.below(6); n > 0; --n)
      key += characters[random.below(characters.size())];
    keys.insert(key);
  }
  return {keys.begin(), keys.end()};
}

// The labels below each node of a level, in tree order.
std::vector<std::vector<LabelId>> labels_below(const LabelTree& tree, std::size_t level) {
  std::vector<std::vector<LabelId>> below;
  for (const LabelId label : tree.labels())
    below.push_back({label});
  for (std::size_t at = tree.depth() - 1; at > level; --at) {
    std::vector<std::vector<LabelId>> above(tree.parents(at));
    for (NodeId parent = 0; parent < tree.parents(at); ++parent)
      for (const NodeId child : tree.children(at, parent))
        above[parent].insert(above[parent].end(), below[child].begin(), below[child].end());
    below = std::move(above);
  }
  return below;
}

// The groups of labels with the same first `points` characters, written down plainly.
std::vector<std::vector<LabelId>> plain_groups(const std::vector<std::string>& keys, std::size_t points) {
  std::vector<std::vector<LabelId>> groups;
  for (LabelId label = 0; label < keys.size(); ++label) {
    if (label == 0 || beginning(keys[label], points) != beginning(keys[label - 1], points)) groups.emplace_back();
    groups.back().push_back(label);
  }
  return groups;
}

void check_trie_levels(const LabelTree& tree, const std::vector<std::string>& keys, unsigned depth) {
  for (unsigned level = 0; level < depth; ++level) {
    std::vector<std::vector<LabelId>> below = labels_below(tree, level);
    for (std::vector<LabelId>& labels : below)
      std::ranges::sort(labels);
    CHECK(below == plain_groups(keys, level + 1));
  }
}

const KMeansTreeOptions kSmall{.branching = 2, .max_leaf = 4, .kmeans = {}};

// Trees of random keys, the same for one thread and for three; check(tree, keys, depth) looks at each.
template <class Make, class Check>
void check_random_trees(Make make, std::uint64_t seed, Check check) {
  Random random(seed);
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    const std::vector<std::string> keys = random_keys(random, 1 + random.below(120));
    const auto depth = static_cast<unsigned>(1 + random.below(3));
    const StringTableBuilder table = table_of(keys);
    const Trie trie(table.view(), depth);
    const CsrMatrix vectors = test::random_matrix(keys.size(), 30, 0.2, static_cast<std::uint64_t>(round));
    Parallel alone(1), three(3);
    const LabelTree tree = make(trie, vectors, kSmall, alone);
    CHECK(tree.fingerprint() == make(trie, vectors, kSmall, three).fingerprint());
    check(tree, keys, depth);
  }
}

}  // namespace

TEST_CASE("a trie parts keys by characters, not bytes") {
  const StringTableBuilder keys = table_of({"a", "aé", "aè1", "b"});
  SECTION("keys out of order are refused with both") {
    CHECK_THROWS_WITH(
        Trie(keys.view(), 1, "labels.txt"),
        "labels.txt:3: 'a\\xc3\\xa81' stands behind 'a\\xc3\\xa9', but the keys of a trie increase bytewise");
  }
  SECTION("a short key has a node of its own") {
    const StringTableBuilder sorted = table_of({"a", "aè1", "aè2", "aé", "b"});
    const Trie trie(sorted.view(), 2);
    CHECK(std::ranges::equal(trie.starts(0), std::vector<LabelId>{0, 4, 5}));
    CHECK(std::ranges::equal(trie.starts(1), std::vector<LabelId>{0, 1, 3, 4, 5}));
    const LabelTree tree = trie_tree(trie);
    REQUIRE(tree.depth() == 3);
    CHECK(std::ranges::equal(tree.offsets(0), std::vector<std::uint32_t>{0, 2}));
    CHECK(std::ranges::equal(tree.offsets(1), std::vector<std::uint32_t>{0, 3, 4}));
    CHECK(std::ranges::equal(tree.offsets(2), std::vector<std::uint32_t>{0, 1, 3, 4, 5}));
  }
}

TEST_CASE("the same key twice is refused") {
  const StringTableBuilder keys = table_of({"a", "a"});
  CHECK_THROWS_AS(Trie(keys.view(), 1), DataError);
}

TEST_CASE("a trie of depth 0 is refused") {
  const StringTableBuilder keys = table_of({"a"});
  CHECK_THROWS_AS(Trie(keys.view(), 0), ConfigError);
}

TEST_CASE("levels of a trie are the groups of the same beginning") {
  Random random(3);
  for (int round = 0; round < 30; ++round) {
    CAPTURE(round);
    const std::vector<std::string> keys = random_keys(random, 1 + random.below(60));
    const auto depth = static_cast<unsigned>(1 + random.below(8));
    const StringTableBuilder table = table_of(keys);
    check_trie_levels(trie_tree(Trie(table.view(), depth)), keys, depth);
  }
}

TEST_CASE("a hybrid tree has k-means below the trie, the same for any number of threads") {
  const auto check = [](const LabelTree& tree, const std::vector<std::string>& keys, unsigned depth) {
    check_trie_levels(tree, keys, depth);
    for (NodeId cluster = 0; cluster < tree.parents(tree.depth() - 1); ++cluster)
      CHECK(tree.children(tree.depth() - 1, cluster).size() <= kSmall.max_leaf);
  };
  check_random_trees(hybrid_tree, 4, check);
}

TEST_CASE("a hybrid tree puts alike labels of a branch together") {
  const StringTableBuilder keys = table_of({"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "b0"});
  CsrMatrix vectors(2);
  for (LabelId label = 0; label < keys.size(); ++label) {
    vectors.push(label % 2, 1);
    vectors.end_row();
  }
  Parallel parallel;
  const LabelTree tree = hybrid_tree(Trie(keys.view(), 1), vectors, kSmall, parallel);
  const std::vector<std::vector<LabelId>> clusters = labels_below(tree, 1);
  REQUIRE(clusters.size() > 2);
  for (const std::vector<LabelId>& cluster : clusters)
    for (const LabelId label : cluster)
      CHECK(label % 2 == cluster.front() % 2);
  CHECK(clusters.back() == std::vector<LabelId>{8});
}

TEST_CASE("a must-link tree keeps what begins alike together, the same for any number of threads") {
  const auto check = [](const LabelTree& tree, const std::vector<std::string>& keys, unsigned depth) {
    const std::vector<std::vector<LabelId>> groups = plain_groups(keys, depth);
    std::size_t level = 0;  // of the groups
    while (tree.nodes(level) != groups.size())
      REQUIRE(++level < tree.depth());
    std::vector<std::vector<LabelId>> below = labels_below(tree, level);
    for (std::vector<LabelId>& labels : below)
      std::ranges::sort(labels);
    std::ranges::sort(below);
    CHECK(below == groups);
    for (NodeId parent = 0; level > 0 && parent < tree.parents(level); ++parent)
      CHECK(tree.children(level, parent).size() <= kSmall.branching);
  };
  check_random_trees(must_link_tree, 5, check);
}

TEST_CASE("a must-link tree puts beginnings with alike labels below the same node") {
  const StringTableBuilder keys =
      table_of({"a0", "a1", "b0", "b1", "c0", "c1", "d0", "d1", "e0", "e1", "f0", "f1", "g0", "g1", "h0", "h1"});
  CsrMatrix vectors(2);
  for (LabelId label = 0; label < keys.size(); ++label) {
    vectors.push(label / 2 % 2, 1);
    vectors.end_row();
  }
  Parallel parallel;
  const LabelTree tree =
      must_link_tree(Trie(keys.view(), 1), vectors, {.branching = 4, .max_leaf = 4, .kmeans = {}}, parallel);
  for (const std::vector<LabelId>& labels : labels_below(tree, 0)) {
    for (const LabelId label : labels)
      CHECK(label / 2 % 2 == labels.front() / 2 % 2);
  }
}

TEST_CASE("label vectors of another number of labels are refused") {
  const StringTableBuilder keys = table_of({"a", "b"});
  const CsrMatrix vectors = test::random_matrix(3, 3, 1, 0);
  Parallel parallel;
  CHECK_THROWS_AS(hybrid_tree(Trie(keys.view(), 1), vectors, {}, parallel), DataError);
  CHECK_THROWS_AS(must_link_tree(Trie(keys.view(), 1), vectors, {}, parallel), DataError);
}
