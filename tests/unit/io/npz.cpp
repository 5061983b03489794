#include <numeric>

#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::read_file;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

namespace {

void write_sample(const std::string& path) {
  NpzWriter out(path);
  out.add("ids", std::vector<std::uint32_t>{3, 1, 2});
  out.add("part/weights", std::vector<float>{0.5F, -1.0F});
  out.add("format", DType::bytes, {}, "csr", 3);
  out.commit({"sample", 1, Json{{"seed", 7}}});
}

bool is_intact(const std::string& path) {
  try {
    const NpzFile file(path);
    file.check_all();
    return NpzWriter::first_difference(file) == std::string::npos;
  } catch (const FormatError&) {
    return false;
  }
}

}  // namespace

TEST_CASE("an archive gives back what was written") {
  const TemporaryDirectory dir;
  write_sample(dir / "a.npz");
  const NpzFile file(dir / "a.npz");
  CHECK(file.meta().kind == "sample");
  CHECK(file.meta().content.at("seed") == 7);
  CHECK(file.members() == std::vector<std::string>{"ids", "part/weights", "format", "meta.json"});
  const auto ids = file.array<std::uint32_t>("ids");
  CHECK(std::vector(ids.begin(), ids.end()) == std::vector<std::uint32_t>{3, 1, 2});
  CHECK(file.array<float>("part/weights")[1] == -1.0F);
  CHECK(file.get("format").bytes == "csr");
}

TEST_CASE("arrays start at multiples of 64 bytes of the file") {
  const TemporaryDirectory dir;
  write_sample(dir / "a.npz");
  const NpzFile file(dir / "a.npz");
  for (const char* member : {"ids", "part/weights", "format"})
    CHECK((file.get(member).bytes.data() - file.bytes().data()) % 64 == 0);
}

TEST_CASE("equal content gives equal bytes") {
  const TemporaryDirectory dir;
  write_sample(dir / "a.npz");
  write_sample(dir / "b.npz");
  CHECK(read_file(dir / "a.npz") == read_file(dir / "b.npz"));
  CHECK(NpzWriter::first_difference(NpzFile(dir / "a.npz")) == std::string::npos);
}

TEST_CASE("a large member is written and read in pieces") {
  const TemporaryDirectory dir;
  std::vector<std::uint64_t> values(1 << 18);
  std::iota(values.begin(), values.end(), std::uint64_t{0});
  {
    NpzWriter out(dir / "a.npz");
    const std::uint64_t length = values.size();
    out.begin("values", DType::u8, {&length, 1});
    out.append(std::span<const std::uint64_t>(values).first(1000));
    out.append(std::span<const std::uint64_t>(values).subspan(1000));
    out.end();
    out.commit({"sample", 1, {}});
  }
  const NpzFile file(dir / "a.npz");
  const auto read = file.array<std::uint64_t>("values");
  CHECK(std::equal(read.begin(), read.end(), values.begin(), values.end()));
  file.check_all();
}

TEST_CASE("without commit nothing appears and nothing stays") {
  const TemporaryDirectory dir;
  {
    NpzWriter out(dir / "a.npz");
    out.add("ids", std::vector<std::uint32_t>{1});
  }
  CHECK(dir.entries() == 0);
}

TEST_CASE("every truncation of an archive is refused", "[damage]") {
  const TemporaryDirectory dir;
  write_sample(dir / "a.npz");
  const std::string whole = read_file(dir / "a.npz");
  CHECK(test::Damage("archive", whole).cut([&](const std::string& bytes) {
    write_file(dir / "cut.npz", bytes);
    const NpzFile file(dir / "cut.npz");
  }) == whole.size());
}

TEST_CASE("every changed byte of an archive is refused or seen as not canonical", "[damage]") {
  const TemporaryDirectory dir;
  write_sample(dir / "a.npz");
  const std::string whole = read_file(dir / "a.npz");
  test::Damage("archive", whole).change({0x01, 0x08, 0x80}, [&](const std::string& bytes) {
    write_file(dir / "changed.npz", bytes);
    REQUIRE_FALSE(is_intact(dir / "changed.npz"));
  });
}

TEST_CASE("kinds and versions that do not fit are refused by name") {
  const TemporaryDirectory dir;
  write_sample(dir / "a.npz");
  const NpzFile file(dir / "a.npz");
  file.require_kind("sample", 1);
  CHECK_THROWS_WITH(file.require_kind("matrix", 1), Catch::Matchers::EndsWith("a.npz: is a sample, not a matrix"));
  {
    NpzWriter out(dir / "new.npz");
    out.commit({"sample", 2, {}});
  }
  CHECK_THROWS_WITH(NpzFile(dir / "new.npz").require_kind("sample", 1),
                    Catch::Matchers::EndsWith("format version 2 of sample is outside 1..1"));
}

TEST_CASE("a missing member, a wrong dtype and a wrong dimension are refused by name") {
  const TemporaryDirectory dir;
  write_sample(dir / "a.npz");
  const NpzFile file(dir / "a.npz");
  CHECK_THROWS_WITH(file.get("nothing"), Catch::Matchers::EndsWith("member nothing is missing"));
  CHECK_THROWS_WITH(file.array<float>("ids"),
                    Catch::Matchers::EndsWith("member ids: dtype is uint32, must be float32"));
  CHECK_THROWS_WITH(file.array<std::uint8_t>("format"), Catch::Matchers::EndsWith("has 0 dimensions, must have 1"));
}

TEST_CASE("what is no archive is refused") {
  const TemporaryDirectory dir;
  write_file(dir / "empty", "");
  write_file(dir / "text", "hello\n");
  CHECK_THROWS_WITH(NpzFile(dir / "empty"), Catch::Matchers::EndsWith("is empty; an npz archive is expected"));
  CHECK_THROWS_WITH(NpzFile(dir / "text"), Catch::Matchers::EndsWith("is not an npz archive"));
  CHECK_THROWS_AS(NpzFile(dir / "missing"), IoError);
  CHECK_THROWS_AS(NpzFile(dir.path().string()), IoError);
}
