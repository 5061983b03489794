#include "xmr/io/zip_layout.hpp"

#include "xmr/io/file.hpp"
#include "xmr/io/zip_directory.hpp"

#include "support/catch.hpp"
#include "support/plain_zip.hpp"
#include "support/sparse_archive.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;

TEST_CASE("members at and around 2^31, 2^32 and 2^33 bytes are laid out and found") {
  const TemporaryDirectory dir;
  const std::vector<std::uint64_t> sizes{0,   5,   k2G - 1, k2G,     k2G + 1, 100, k4G - 2, 100, k4G - 1,
                                         100, k4G, 100,     k4G + 1, k8G - 1, k8G, k8G + 1, 5};
  std::vector<std::uint64_t> begins;
  {
    SparseArchive archive(dir / "large.npz");
    for (std::size_t i = 0; i < sizes.size(); ++i)
      begins.push_back(archive.add_bytes(std::string(i + 1, 'm'), {{{}, sizes[i]}}));
    archive.commit("{}");
  }
  const MappedFile file(dir / "large.npz");
  const std::vector<ZipMember> members = read_zip_directory(file.name(), file.bytes());
  REQUIRE(members.size() == sizes.size() + 1);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    CHECK(members[i].name == std::string(i + 1, 'm'));
    CHECK(members[i].packed.size() == sizes[i]);
    CHECK(members[i].crc == PlainZip::crc_of_zeros(sizes[i]));
    CHECK(static_cast<std::uint64_t>(members[i].packed.data() - file.bytes().data()) == begins[i]);
    CHECK(begins[i] % 64 == 0);
  }
}

TEST_CASE("the bytes of a directory beyond 4 GiB are those that minizip 1.1 writes") {
  ZipLayout layout;
  const std::vector<std::uint64_t> sizes{5, k2G, 100, k4G - 2, 100, k4G - 1, 100, k8G, 5};
  for (std::size_t i = 0; i < sizes.size(); ++i)
    layout.add("m" + std::to_string(i) + ".npy", sizes[i], PlainZip::crc_of_zeros(sizes[i]));
  CHECK(layout.directory().size() == 658);
  CHECK(PlainZip::crc_of(layout.directory()) == 0xea3a837b);
}

TEST_CASE("as many members as a reader takes are laid out, from 65535 on in ZIP64") {
  for (const std::size_t count : {65534, 65535, 65536}) {
    ZipLayout layout;
    std::string archive;
    for (std::size_t i = 0; i < count; ++i)
      archive += layout.add(std::to_string(i), 0, 0);
    archive += layout.directory();
    CHECK(read_zip_directory("file", archive).size() == count);
    CHECK((archive.find("PK\x06\x06") != std::string::npos) == (count >= 65535));
  }
}

TEST_CASE("a CRC-32 that is set later gives the bytes of one that was known") {
  ZipLayout later;
  std::string archive = later.add("a", 3, 0);
  CHECK(later.set_crc(0x01020304) == 14);
  archive.replace(14, 4, "\x04\x03\x02\x01");
  later.add("b", 0, 0);
  ZipLayout other;
  CHECK(other.add("a", 3, 0x01020304) == archive);
  other.add("b", 0, 0);
  CHECK(other.directory() == later.directory());
}

TEST_CASE("an archive of ours is recognised by its first local header") {
  CHECK(has_our_padding(ZipLayout().add("a.npy", 3, 0)));
  CHECK_FALSE(has_our_padding(PlainZip().add("a.npy", "abc").bytes()));
  CHECK_FALSE(has_our_padding(""));
  CHECK_FALSE(has_our_padding("PK\x03\x04"));
}
