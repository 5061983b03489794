#include "xmr/sparse/matrix_file.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/sparse/row_sums.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/random_matrix.hpp"
#include "support/sparse_archive.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::equal;
using xmr::test::random_matrix;
using xmr::test::read_file;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

namespace {

// Faults and variants of writers of SciPy archives.
struct Sample {
  std::string kind = "matrix";
  std::string format = "csr";
  std::vector<std::int64_t> shape{2, 4};
  std::vector<std::int64_t> indptr{0, 2, 3};
  std::vector<std::int32_t> indices{1, 3, 0};
  std::vector<float> data{1, 2, 3};

  // The sum of all rows, if they lie inside the arrays.
  std::uint64_t sum() const {
    const std::vector<Offset> offsets(indptr.begin(), indptr.end());
    if (!std::ranges::is_sorted(offsets) || offsets.back() > std::min(indices.size(), data.size())) return 0;
    const std::vector<std::uint32_t> columns(indices.begin(), indices.end());
    return sum_of_rows({offsets.size() - 1, 4, offsets, columns, data}, 0, offsets.size() - 1);
  }

  void write(const std::string& path) const {
    NpzWriter out(path);
    out.add("format", DType::bytes, {}, format, format.size());
    out.add("shape", shape);
    out.add("indptr", indptr);
    out.add("indices", indices);
    out.add("data", data);
    out.add("sums", std::vector<std::uint64_t>{sum()});
    out.commit({kind, 1, {}});
  }
};

// The kernel's line about the mapping of a file: proc(5), smaps. VmFlags has "rr" if reads are random.
std::string kernel_line(const std::string& path, std::string_view key) {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  while (std::getline(maps, line) && !line.ends_with(path)) {
  }
  while (std::getline(maps, line) && !line.starts_with(key)) {
  }
  return line;
}

std::string message(const Sample& sample) {
  const TemporaryDirectory dir;
  sample.write(dir / "m");
  try {
    MatrixFile(dir / "m");
  } catch (const FormatError& error) {
    return std::string(error.what()).substr(std::string(dir / "m").size() + 2);
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a matrix is read back as it was written") {
  const TemporaryDirectory dir;
  const CsrMatrix a = random_matrix(50, 30, GENERATE(0.0, 0.1, 1.0), 1);
  write_matrix(dir / "a.npz", a, {{"seed", 1}});
  const MatrixFile file(dir / "a.npz");
  CHECK(equal(file.view(), a));
  CHECK(file.content().at("seed") == 1);
}

TEST_CASE("a matrix in pieces is written as the whole") {
  const TemporaryDirectory dir;
  const std::vector<CsrMatrix> pieces{random_matrix(5, 9, 0.4, 1), random_matrix(0, 9, 0.4, 2),
                                      random_matrix(3, 9, 0.4, 3)};
  const CsrMatrix whole = vstack(std::vector<CsrView>(pieces.begin(), pieces.end()));
  write_matrix(dir / "whole", whole, {});
  NpzWriter out(dir / "pieces");
  CHECK(write_sparse_members(out, 9, pieces) == whole.view().nnz());
  out.commit(matrix_meta(Json::object()));
  CHECK(read_file(dir / "pieces") == read_file(dir / "whole"));
}

TEST_CASE("a matrix that was written by columns is read by rows") {
  const TemporaryDirectory dir;
  const CsrMatrix a = random_matrix(20, 30, 0.2, 1);
  write_matrix_by_column(dir / "a", transpose(a), {{"seed", 1}});
  CHECK(NpzFile(dir / "a").get("format").bytes == "csc");
  CHECK(equal(MatrixFile(dir / "a").view(), a));
  CHECK(MatrixFile(dir / "a").content().at("seed") == 1);
}

TEST_CASE("matrices that break the rules are refused with member and position") {
  CHECK(message({}) == "accepted");
  CHECK(message({.kind = "model"}) == "is a model, not a matrix");
  CHECK(message({.format = "coo"}) == "member format is 'coo'; allowed are csr, csc, coo, bsr and dia");
  CHECK(message({.shape = {2, 3}}) == "member indices: item 1: 3 is outside 0..2");
  CHECK(message({.shape = {3, 4}}) == "member indptr: must have 4 items in one dimension");
  CHECK(message({.shape = {2, -1}}) == "member shape: item 1: -1 is outside 0..18446744073709551615");
  CHECK(message({.shape = {2, std::int64_t{1} << 62}}) ==
        "member shape: 2 x 4611686018427387904 is too large; at most 2^32 rows and 2^31 columns");
  CHECK(message({.format = "csc", .shape = {std::int64_t{1} << 30, 2}}) ==
        "member shape: 1073741824 rows; by column at most 268435456 are read");
  CHECK(message({.indptr = {1, 2, 3}}) == "member indptr: item 0: 1 must be 0");
  CHECK(message({.indptr = {0, 4, 3}}) == "member indptr: item 2: 3 is less than the item before");
  CHECK(message({.indptr = {0, 1, 2}}) == "member indptr: last item 2 must be the number of entries, 3");
  CHECK(message({.indices = {1, 2}}) == "member indices: must have 3 items in one dimension");
  CHECK(message({.data = {1, std::numeric_limits<float>::quiet_NaN(), 1}}) ==
        "member data: item 1: nan is not a finite number");
  CHECK(message({.data = {1, 0, 1}}) == "is not a valid matrix: unsorted, or with explicit zeros");
}

TEST_CASE("of a matrix without checksums of its rows a copy is made") {
  const TemporaryDirectory dir;
  {
    NpzWriter out(dir / "old");
    const Sample sample;
    out.add("format", DType::bytes, {}, sample.format, sample.format.size());
    out.add("shape", sample.shape);
    out.add("indptr", sample.indptr);
    out.add("indices", sample.indices);
    out.add("data", sample.data);
    out.commit({sample.kind, 1, {}});
  }
  Sample().write(dir / "new");
  const MatrixFile old(dir / "old", MatrixFile::Check::rows), is_new(dir / "new");
  CHECK_FALSE(old.is_mapped());
  CHECK(is_new.is_mapped());
  CHECK(equal(old.view(), is_new.view()));
  CHECK(old.fingerprint() == is_new.fingerprint());
  CHECK_NOTHROW(old.check_rows(0, 2));
}

TEST_CASE("a file whose rows are read in no order is read page by page") {
  const TemporaryDirectory dir;
  const std::string path = dir / "m";
  Sample().write(path);
  const MatrixFile file(path);
  const auto is_random = [&] { return kernel_line(path, "VmFlags:").find(" rr ") != std::string::npos; };
  CHECK_FALSE(is_random());
  file.expect_random_reads();
  CHECK(is_random());
}

TEST_CASE("dropped pages take no memory until they are read again") {
  const TemporaryDirectory dir;
  const std::string path = dir / "m";
  Sample().write(path);
  const MatrixFile file(path);
  const auto has_pages = [&] { return kernel_line(path, "Rss:").find(" 0 kB") == std::string::npos; };
  CHECK(has_pages());
  file.drop_pages();
  CHECK_FALSE(has_pages());
  CHECK(file.view().values[2] == 3);
  CHECK(has_pages());
}

TEST_CASE("a dense npy array becomes a sparse matrix") {
  const TemporaryDirectory dir;
  const std::vector<double> values{0, 1.5, 0, -2, 0, 0};
  const std::uint64_t shape[] = {2, 3};
  write_file(dir / "d.npy", npy_header(DType::f8, shape) + std::string(reinterpret_cast<const char*>(values.data()),
                                                                       values.size() * sizeof(double)));
  const MatrixFile file(dir / "d.npy");
  CHECK(file.view().rows == 2);
  CHECK(file.view().cols == 3);
  CHECK(std::vector(file.view().indices.begin(), file.view().indices.end()) == std::vector<std::uint32_t>{1, 0});
  CHECK(std::vector(file.view().values.begin(), file.view().values.end()) == std::vector<float>{1.5F, -2.0F});
}

TEST_CASE("a dense npy array without columns has no more rows than memory can do with") {
  const TemporaryDirectory dir;
  const auto read = [&](std::uint64_t rows) {
    const std::uint64_t shape[] = {rows, 0};
    write_file(dir / "d.npy", npy_header(DType::f4, shape));
    return MatrixFile(dir / "d.npy").view().rows;
  };
  CHECK(read(5) == 5);
  CHECK_THROWS_WITH(read(std::uint64_t{1} << 50),
                    Catch::Matchers::EndsWith("1125899906842624 rows; without columns at most 268435456 are read"));
}

TEST_CASE("repeated entries whose sum overflows are refused") {
  const TemporaryDirectory dir;
  const auto write = [&](const char* format, const std::vector<float>& data) {
    NpzWriter out(dir / "m");
    out.add("format", DType::bytes, {}, format, 3);
    out.add("shape", std::vector<std::int64_t>{1, 1});
    out.add("indptr", std::vector<std::int64_t>{0, 3});
    out.add("indices", std::vector<std::int32_t>{0, 0, 0});
    out.add("data", data);
    out.commit({"matrix", 1, {}});
  };
  const char* const format = GENERATE("csr", "csc");
  write(format, {3e38F, -3e38F, 2});
  CHECK(MatrixFile(dir / "m").view().values.front() == 2);
  write(format, {3e38F, 3e38F, -3e38F});
  const auto overflows = Catch::Matchers::EndsWith("m: member data: the sum of repeated entries overflows");
  CHECK_THROWS_WITH(MatrixFile(dir / "m"), overflows);
  CHECK_THROWS_WITH(read_columns(dir / "m"), overflows);
}

TEST_CASE("text and damaged archives are refused", "[damage]") {
  const TemporaryDirectory dir;
  write_file(dir / "text", "2 3 4\n");
  CHECK_THROWS_WITH(MatrixFile(dir / "text"), Catch::Matchers::EndsWith("is not a matrix: neither npz nor npy"));
  Sample().write(dir / "m");
  const std::string whole = read_file(dir / "m");
  const MatrixFile original(dir / "m");
  const auto read = [&](const std::string& bytes) {
    write_file(dir / "c", bytes);
    const MatrixFile file(dir / "c");
    REQUIRE(equal(original.view(), file.view()));  // a byte of padding: nothing that is read
  };
  test::Damage damage("matrix", whole);
  CHECK(damage.cut(read) == whole.size());
  damage.change({0x10}, read);
}

namespace {

// Rows of 7 entries, in several blocks.
CsrMatrix large_matrix() {
  constexpr Row kRows = 100000;
  CsrMatrix matrix(1000);
  for (Row row = 0; row < kRows; ++row) {
    for (std::uint32_t i = 0; i < 7; ++i)
      matrix.push(static_cast<std::uint32_t>(row % 100) + 100 * i, 1 + static_cast<float>(i));
    matrix.end_row();
  }
  return matrix;
}

}  // namespace

TEST_CASE("a large matrix is read as it was written, and damage is told before what it makes wrong") {
  const TemporaryDirectory folder;
  const std::string path = folder / "X.npz";
  const CsrMatrix written = large_matrix();
  write_matrix(path, written, Json::object());
  std::string bytes = read_file(path);
  std::size_t at = 0;
  {
    const MatrixFile file(path);
    CHECK(fingerprint(file.view()) == fingerprint(written));
    const NpzFile npz(path);
    at = static_cast<std::size_t>(npz.get("indices").bytes.data() - npz.bytes().data());
  }
  const std::size_t entry = GENERATE(std::size_t{0}, std::size_t{350000}, std::size_t{699999});
  bytes[at + 4 * entry + 2] = 1;  // 65,536 more
  write_file(path, bytes);
  const Row row = entry / 7, block = row / 16 * 16;
  const std::string damaged =
      fmt::format("{}: rows {}..{}: checksum does not match: the file is damaged", path, block, block + 15);
  CHECK_THROWS_WITH(MatrixFile(path), damaged);

  // Who needs other rows alone never meets it.
  const MatrixFile file(path, MatrixFile::Check::rows);
  CHECK(file.fingerprint() == fingerprint(written));
  std::vector<bool> own(written.rows()), others(written.rows(), true);
  own[row] = true;
  std::fill_n(others.begin() + static_cast<std::ptrdiff_t>(block), 16, false);
  if (block > 0) CHECK_NOTHROW(file.check_rows(0, block));
  if (block + 16 < written.rows()) CHECK_NOTHROW(file.check_rows(block + 16, written.rows()));
  CHECK_NOTHROW(file.check_rows(others));
  CHECK_THROWS_WITH(file.check_rows(row, row + 1), damaged);
  CHECK_THROWS_WITH(file.check_rows(own), damaged);
  CHECK_THROWS_WITH(file.check_rows(0, written.rows()), damaged);
}

TEST_CASE("a large matrix is refused for an entry in any of its blocks") {
  const TemporaryDirectory folder;
  const std::string path = folder / "X.npz";
  CsrMatrix matrix = large_matrix();
  const std::size_t entry = GENERATE(std::size_t{1}, std::size_t{350001}, std::size_t{699999});
  matrix.mutable_values()[entry] = 0;
  write_matrix(path, matrix, Json::object());
  CHECK_THROWS_WITH(MatrixFile(path), path + ": is not a valid matrix: unsorted, or with explicit zeros");
  matrix.mutable_values()[entry] = std::numeric_limits<float>::infinity();
  write_matrix(path, matrix, Json::object());
  CHECK_THROWS_WITH(MatrixFile(path), fmt::format("{}: member data: item {}: inf is not a finite number", path, entry));
}

TEST_CASE("rows behind 2^31, 2^32 and 2^33 bytes and 2^31 entries are checked and read in place") {
  const TemporaryDirectory dir;
  // Rows 0..15 are a hole; rows 16 and 17 follow it.
  const std::uint64_t hole = GENERATE(test::k2G / 4, test::k2G - 1, test::k2G, test::k4G / 2 + 1);
  CsrMatrix behind(9);
  behind.append_row({std::vector<std::uint32_t>{0, 3, 8}, std::vector<float>{1, 2, 3}});
  behind.append_row({std::vector<std::uint32_t>{5}, std::vector<float>{4}});
  std::vector<std::int64_t> indptr(17, static_cast<std::int64_t>(hole));
  indptr[0] = 0;
  for (const std::uint64_t entries : {3, 4})
    indptr.push_back(static_cast<std::int64_t>(hole + entries));
  write_matrix(dir / "small.npz", behind, {});
  const NpzFile small(dir / "small.npz");
  {
    test::SparseArchive out(dir / "large.npz");
    out.copy(small, "format");
    out.add<std::int64_t>("shape", std::vector<std::int64_t>{18, 9});
    out.add<std::int64_t>("indptr", indptr);
    out.add<std::uint32_t>("indices", {{{}, hole}, {{0, 3, 8, 5}, 0}});
    out.add<float>("data", {{{}, hole}, {{1, 2, 3, 4}, 0}});
    out.add<std::uint64_t>("sums", std::vector<std::uint64_t>{0, row_sums(behind).front()});
    out.commit(small.raw("meta.json"));
  }
  const MatrixFile file(dir / "large.npz", MatrixFile::Check::rows);
  CHECK(file.view().nnz() == hole + 4);
  file.check_rows(16, 18);
  for (const Row row : {0, 1}) {
    CHECK(std::ranges::equal(file.view().row(16 + row).indices, behind.view().row(row).indices));
    CHECK(std::ranges::equal(file.view().row(16 + row).values, behind.view().row(row).values));
  }
}
