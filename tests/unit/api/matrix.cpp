#include "xmr/api/matrix.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

TEST_CASE("a matrix is read back as it was written") {
  const test::TemporaryDirectory folder;
  const CsrMatrix written(4, {0, 2, 2, 3}, {0, 3, 1}, {1, -0.5F, 2});
  api::write_matrix(folder / "x.npz", written);
  const api::Matrix file(folder / "x.npz");
  const CsrView read = file.view();
  CHECK(read.rows == 3);
  CHECK(read.cols == 4);
  CHECK(std::ranges::equal(read.indptr, written.view().indptr));
  CHECK(std::ranges::equal(read.indices, written.view().indices));
  CHECK(std::ranges::equal(read.values, written.view().values));
}

TEST_CASE("a matrix that breaks an invariant is not written") {
  const test::TemporaryDirectory folder;
  const auto refuses = [&](const std::vector<Offset>& indptr, const std::vector<std::uint32_t>& indices,
                           const std::vector<float>& values) {
    CHECK_THROWS_AS(api::write_matrix(folder / "x.npz", {2, 4, indptr, indices, values}), DataError);
    CHECK_FALSE(std::filesystem::exists(folder / "x.npz"));
  };
  refuses({}, {}, {});
  refuses({0, 1}, {0}, {1});
  refuses({1, 1, 1}, {0}, {1});
  refuses({0, 2, 1}, {0}, {1});
  refuses({0, 1, 1}, {0, 1}, {1, 1});
  refuses({0, 1, 1}, {0}, {});
  refuses({0, 1, 1}, {4}, {1});
  refuses({0, 2, 2}, {1, 1}, {1, 1});
  refuses({0, 2, 2}, {1, 0}, {1, 1});
  refuses({0, 1, 1}, {0}, {0});
  refuses({0, 1, 1}, {0}, {std::numeric_limits<float>::quiet_NaN()});
}
