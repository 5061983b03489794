#include "xmr/io/verify.hpp"

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/plain_zip.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

void write_sample(const std::string& path) {
  NpzWriter out(path);
  out.add("format", DType::bytes, {}, "csr", 3);
  out.add("inner/values", std::vector<float>{1, 2, 3});
  out.add("empty", std::vector<std::uint32_t>{});
  out.commit({"sample", 1, {{"seed", 1}}});
}

}  // namespace

TEST_CASE("every changed bit and every truncation of our own archive is reported") {
  const TemporaryDirectory dir;
  write_sample(dir / "whole");
  CHECK(verify_archive(NpzFile(dir / "whole")) == Origin::ours);
  const std::string whole = read_file(dir / "whole");
  std::size_t unnoticed = 0;
  const auto damage = [&](const std::string& bytes) {
    write_file(dir / "changed", bytes);
    try {
      verify_archive(NpzFile(dir / "changed"));
      ++unnoticed;
    } catch (const FormatError&) {
    }
  };
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string changed = whole;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    damage(changed);
  }
  for (std::size_t size = 0; size < whole.size(); ++size)
    damage(whole.substr(0, size));
  damage(whole + '\0');
  CHECK(unnoticed == 0);
}

TEST_CASE("an archive of another program is told from ours") {
  const TemporaryDirectory dir;
  write_file(dir / "foreign", PlainZip().add("a.npy", npy_header(DType::f4, {})).add("notes.txt", "any").bytes());
  CHECK(verify_archive(NpzFile(dir / "foreign")) == Origin::another_program);
}

TEST_CASE("an archive that was rewritten is ours again") {
  const TemporaryDirectory dir;
  write_sample(dir / "a");
  NpzWriter::rewrite(NpzFile(dir / "a"), dir / "b");
  CHECK(read_file(dir / "a") == read_file(dir / "b"));
}
