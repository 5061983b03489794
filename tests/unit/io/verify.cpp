#include "xmr/io/verify.hpp"

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/plain_zip.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

void write_file_to_verify(const std::string& path) {
  NpzWriter out(path);
  out.add("format", DType::bytes, {}, "csr", 3);
  out.add("inner/values", std::vector<float>{1, 2, 3});
  out.add("empty", std::vector<std::uint32_t>{});
  out.commit({"sample", 1, Json{{"seed", 1}}});
}

}  // namespace

TEST_CASE("every changed bit and every truncation of our own archive is reported", "[damage]") {
  const TemporaryDirectory dir;
  write_file_to_verify(dir / "whole");
  CHECK(verify_archive(NpzFile(dir / "whole")) == Origin::ours);
  const std::string whole = read_file(dir / "whole");
  const auto verify = [&](const std::string& bytes) {
    write_file(dir / "changed", bytes);
    verify_archive(NpzFile(dir / "changed"));
  };
  Damage damage("archive, verified", whole);
  CHECK(damage.cut(verify) == whole.size());
  CHECK(damage.change({1, 2, 4, 8, 16, 32, 64, 128}, verify) == 8 * whole.size());
  CHECK_THROWS_AS(verify(whole + '\0'), FormatError);
}

TEST_CASE("an archive of another program is told from ours") {
  const TemporaryDirectory dir;
  write_file(dir / "foreign", PlainZip().add("a.npy", npy_header(DType::f4, {})).add("notes.txt", "any").bytes());
  CHECK(verify_archive(NpzFile(dir / "foreign")) == Origin::another_program);
}

TEST_CASE("an archive that was rewritten is ours again") {
  const TemporaryDirectory dir;
  write_file_to_verify(dir / "a");
  NpzWriter::rewrite(NpzFile(dir / "a"), dir / "b");
  CHECK(read_file(dir / "a") == read_file(dir / "b"));
}
