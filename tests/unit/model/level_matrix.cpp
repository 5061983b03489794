#include "xmr/model/level_matrix.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/random_matrix.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;

TEST_CASE("the matrix of a level holds the weights and biases of its nodes") {
  Random random(GENERATE(1U, 2U, 3U, 4U, 5U));
  const PlainModel plain = random_model(random, 12);
  const TemporaryDirectory dir;
  plain.write(dir / "model.npz");
  const XrLinearModel model = XrLinearModel::open(dir / "model.npz");
  for (std::size_t level = 0; level < plain.tree.depth(); ++level) {
    CsrMatrix expected(13);
    for (const std::vector<float>& node : plain.weights[level]) {
      for (std::uint32_t column = 0; column < 13; ++column)
        if (node[column] != 0) expected.push(column, node[column]);
      expected.end_row();
    }
    CHECK(equal(level_matrix(model, level), expected));
  }
}
