#include "xmr/sparse/instances.hpp"

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using xmr::test::random_matrix;

namespace {

std::string refusal(CsrView x, CsrView y) {
  try {
    check_instances(x, "X.npz", y, "Y.npz");
  } catch (const DataError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("X and Y are learnt from together only if they fit") {
  const CsrMatrix x = random_matrix(3, 5, 0.5, 1);
  CHECK(refusal(x, random_matrix(3, 4, 0.5, 2, true)) == "accepted");
  CHECK(refusal(x, random_matrix(2, 4, 0.5, 2, true)) == "X.npz: 3 rows, but Y.npz has 2");
  CHECK(refusal(x, random_matrix(3, 0, 0.5, 2)) == "Y.npz: has no labels (columns)");
  const CsrMatrix negative(4, {0, 1, 3, 3}, {2, 0, 3}, {1.0F, 0.5F, -0.25F});
  CHECK(refusal(x, negative) == "Y.npz: row 1: label 3 has the weight -0.25, less than 0");
}

TEST_CASE("each label with features is one more row behind the instances") {
  const CsrMatrix x(2, {0, 1}, {1}, {5.0F}), y(3, {0, 1}, {0}, {2.0F});
  const CsrMatrix label_rows(2, {0, 2, 2, 3}, {0, 1, 1}, {1.0F, 2.0F, 3.0F});  // the second label has none
  const InstanceMatrices all = with_label_rows(x, y, label_rows);
  CHECK(test::equal(all.x, CsrMatrix(2, {0, 1, 3, 4}, {1, 0, 1, 1}, {5.0F, 1.0F, 2.0F, 3.0F})));
  CHECK(test::equal(all.y, CsrMatrix(3, {0, 1, 2, 3}, {0, 0, 2}, {2.0F, 1.0F, 1.0F})));
  CHECK_THROWS_WITH(with_label_rows(x, CsrMatrix(4, {0, 0}, {}, {}), label_rows),
                    "features of 3 labels, but there are 4");
}
