#include "xmr/predict/instances.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "xmr/predict/matrix_instances.hpp"
#include "xmr/predict/text_instances.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/random_completions.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

// The descriptions of the rows of each block.
std::vector<std::vector<std::string>> blocks_of(Instances& instances) {
  std::vector<std::vector<std::string>> blocks;
  while (const Row rows = instances.next_block()) {
    std::vector<std::string>& block = blocks.emplace_back();
    for (Row row = 0; row < rows; ++row)
      block.push_back(instances.describe(row));
  }
  return blocks;
}

}  // namespace

TEST_CASE("lines of text come in blocks as wanted, with their numbers") {
  test::RandomCompletions sample;
  const test::TemporaryDirectory folder;
  test::write_file(folder / "queries.txt", "a\tab\n\tb\nc\tcd\n");
  const ModelSet models({sample.model->name()});
  const auto open = [&](TextInstances::Block block) {
    return TextInstances(QueryReader(models, CorpusColumns("previous,prefix"), InvalidUtf8::replace, 1),
                         LineBlocks(InputFile(folder / "queries.txt"), Delivery::full_blocks, 8), block);
  };
  using Blocks = std::vector<std::vector<std::string>>;
  TextInstances as_read = open(TextInstances::Block::as_read);
  CHECK(blocks_of(as_read) == Blocks{{"a\tab", "\tb"}, {"c\tcd"}});
  TextInstances lines = open(TextInstances::Block::single_line);
  CHECK(blocks_of(lines) == Blocks{{"a\tab"}, {"\tb"}, {"c\tcd"}});
  TextInstances whole = open(TextInstances::Block::whole_input);
  REQUIRE(whole.next_block() == 3);
  CHECK(whole.total() == 0);
  CHECK(whole.place(2).line == 3);
  const Query query = whole.read(2, 0);
  CHECK(query.previous == "c");
  CHECK(query.prefix == "cd");
  CHECK(query.features.size() == 0);
  CHECK(whole.next_block() == 0);
}

TEST_CASE("a file of arrays is no text") {
  test::RandomCompletions sample;
  const ModelSet models({sample.model->name()});
  TextInstances instances(QueryReader(models, CorpusColumns("previous,prefix"), InvalidUtf8::replace, 1),
                          LineBlocks(InputFile(sample.model->name())), TextInstances::Block::as_read);
  CHECK_THROWS_WITH(instances.next_block(), sample.model->name() + ": is a file of arrays, not text");
}

TEST_CASE("selected rows of a matrix are one block") {
  Random random(3);
  const test::TemporaryDirectory folder;
  test::random_model(random, 8).write(folder / "model.npz", {});
  const CsrMatrix x = test::random_queries(random, 8, 20);
  write_matrix(folder / "X.npz", x, {});
  const ModelSet models({folder / "model.npz"});
  MatrixInstances instances(models, {folder / "X.npz"}, 1);
  CHECK(instances.rows() == 20);
  instances.select(5, 12);
  CHECK(instances.total() == 7);
  REQUIRE(instances.next_block() == 7);
  for (Row row = 0; row < 7; ++row) {
    const SparseRow expected = x.view().row(5 + row), found = instances.read(row, 0).features;
    CHECK(std::ranges::equal(expected.indices, found.indices));
    CHECK(std::ranges::equal(expected.values, found.values));
    CHECK(instances.describe(row) == std::to_string(expected.size()) + " features");
  }
  CHECK(instances.next_block() == 0);
}
