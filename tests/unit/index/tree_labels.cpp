#include "xmr/index/tree_labels.hpp"

#include <algorithm>
#include <numeric>

#include "xmr/index/label_tree.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;
using Catch::Matchers::Contains;

namespace {

constexpr std::uint32_t kFew = 1U << 18;

// Two levels, 64 labels a node, in falling order.
LabelTree sample(std::uint32_t labels) {
  std::vector<std::uint32_t> below{0};
  while (below.back() < labels)
    below.push_back(std::min(labels, below.back() + 64));
  std::vector<LabelId> order(labels);
  std::iota(order.rbegin(), order.rend(), LabelId{0});
  const auto nodes = static_cast<std::uint32_t>(below.size() - 1);
  return {{{0, nodes}, std::move(below)}, std::move(order)};
}

void write(const std::string& path, const LabelTree& tree) {
  NpzWriter out(path);
  tree.write(out, "tree/");
  out.commit({"sample", 1, {}});
}

std::shared_ptr<const NpzFile> file_of(const std::string& path) {
  return std::make_shared<const NpzFile>(path);
}

// Changes a bit of the label at a place.
void damage(const std::string& path, std::size_t place) {
  std::string bytes = read_file(path);
  const NpzFile file(path);
  const auto at = static_cast<std::size_t>(file.get("tree/labels").bytes.data() - file.bytes().data());
  bytes[at + 4 * place] = static_cast<char>(bytes[at + 4 * place] ^ 1);
  write_file(path, bytes);
}

}  // namespace

TEST_CASE("labels with checksums are those that were written, few have none") {
  const TemporaryDirectory dir;
  const std::uint32_t labels = GENERATE(kFew - 1, kFew, kFew + 1000);
  const LabelTree tree = sample(labels);
  write(dir / "tree.npz", tree);
  const auto file = file_of(dir / "tree.npz");
  CHECK(TreeLabels::has_sums(*file, "tree/") == (labels >= kFew));
  const LabelTree opened = LabelTree::open(file, "tree/", 2, labels);
  opened.check_labels({labels - 10, labels});
  CHECK(opened.label(labels - 1) == 0);
  CHECK(std::ranges::equal(opened.labels(), tree.labels()));
  CHECK(opened.fingerprint() == tree.fingerprint());
  CHECK(std::ranges::equal(LabelTree::read(*file, "tree/", 2).labels(), tree.labels()));
}

TEST_CASE("a damaged label is found when its block is visited") {
  const TemporaryDirectory dir;
  write(dir / "tree.npz", sample(kFew));
  damage(dir / "tree.npz", 5000);
  const auto file = file_of(dir / "tree.npz");
  const LabelTree tree = LabelTree::open(file, "tree/", 2, kFew);
  tree.check_labels({0, 4096});
  tree.check_labels({5120, kFew});
  for (int visit = 0; visit < 2; ++visit)
    CHECK_THROWS_WITH(tree.check_labels({5119, 5121}),
                      Contains("tree.npz: member tree/labels: places 4096..5119: checksum does not match"));
  CHECK_THROWS_AS(tree.labels(), FormatError);
  CHECK_THROWS_WITH(LabelTree::read(*file, "tree/", 2), Contains("CRC-32 does not match"));
}

TEST_CASE("forged labels with right checksums are refused") {
  const TemporaryDirectory dir;
  std::vector<LabelId> labels(kFew);
  std::iota(labels.begin(), labels.end(), LabelId{0});
  const bool is_outside = GENERATE(false, true);
  labels[7] = is_outside ? kFew : 6;
  std::vector<std::uint64_t> sums;
  for (std::size_t block = 0; block < kFew / 1024; ++block)
    sums.push_back(hash64(std::span<const LabelId>(labels).subspan(1024 * block, 1024), block));
  const auto open = [&](std::uint64_t label_count) {
    NpzWriter out(dir / "tree.npz");
    out.add("level0", std::vector<std::uint32_t>{0, kFew});
    out.add("labels", labels);
    out.add("sums", sums);
    out.commit({"sample", 1, {}});
    return LabelTree::open(file_of(dir / "tree.npz"), "", 1, label_count);
  };
  CHECK_THROWS_WITH(open(kFew - 1), Contains("262144 of them have a place, which 262143"));
  const LabelTree tree = open(kFew);
  if (is_outside)
    CHECK_THROWS_WITH(tree.check_labels({0, 1}), Contains("label 262144 at position 7 is outside 0..262143"));
  else
    tree.check_labels({0, 1});
  CHECK_THROWS_AS(tree.labels(), FormatError);
  sums.pop_back();
  CHECK_THROWS_WITH(open(kFew), Contains("255 checksums, 262144 labels need 256"));
}
