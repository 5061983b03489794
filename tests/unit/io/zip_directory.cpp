#include "xmr/io/zip_directory.hpp"

#include <functional>

#include <zlib.h>

#include "xmr/io/npz_file.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/plain_zip.hpp"
#include "support/sparse_archive.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;
using Catch::Matchers::EndsWith;

namespace {

PlainZip two_members() {
  PlainZip zip;
  zip.add("a.npy", "first content").add("b.npy", "second");
  return zip;
}

void check_two_members(const PlainZip& zip) {
  const std::string bytes = zip.bytes();
  const std::vector<ZipMember> members = read_zip_directory("file", bytes);
  REQUIRE(members.size() == 2);
  CHECK(members[0].name == "a.npy");
  CHECK(members[0].packed == "first content");
  CHECK(members[0].size == 13);
  CHECK(members[0].crc == PlainZip::crc_of("first content"));
  CHECK_FALSE(members[0].deflated);
  CHECK(members[1].packed == "second");
}

std::string refusal(const std::string& bytes) {
  try {
    read_zip_directory("file", bytes);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "accepted";
}

// The refusal of two members after a change.
std::string refusal(const std::function<void(PlainZip&)>& change) {
  PlainZip zip = two_members();
  change(zip);
  return refusal(zip.bytes());
}

std::string deflated(std::string_view bytes) {
  z_stream stream{};
  REQUIRE(::deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

}  // namespace

TEST_CASE("the members of an archive are found") {
  check_two_members(two_members());
}

TEST_CASE("what other writers add is read") {
  PlainZip zip = two_members();
  SECTION("prefix bytes") {
    zip.prefix = "#!/bin/sh\n";
  }
  SECTION("a comment that holds an end record's signature") {
    zip.comment = "PK\x05\x06 and more than an end record has";
  }
  SECTION("the longest comment") {
    zip.comment.assign(0xffff, ' ');
  }
  SECTION("an unknown extra field") {
    zip.members[0].local.extra = "\x01\x02\x03" + std::string(1, '\0') + "abc";
  }
  SECTION("padding behind extra fields") {
    zip.members[0].local.extra = std::string(3, '\0');
  }
  SECTION("a gap between members") {
    zip.members[1].position = 100;
  }
  SECTION("members in another order than the directory") {
    zip.members[0].position = 100;
    zip.members[1].position = 10;
  }
  SECTION("ZIP64 in local headers, as NumPy writes it") {
    for (PlainZip::Member& member : zip.members)
      member.local.zip64 = true;
  }
  SECTION("ZIP64 in central headers") {
    for (PlainZip::Member& member : zip.members)
      member.central.zip64 = true;
  }
  SECTION("ZIP64 end records") {
    zip.end.zip64 = true;
  }
  SECTION("ZIP64 end records behind a prefix") {
    zip.end.zip64 = true;
    zip.prefix = "prefix";
  }
  SECTION("a ZIP64 end record with extensible data") {
    zip.end.zip64 = true;
    zip.end.extensible_data = "more";
  }
  SECTION("a data descriptor") {
    for (PlainZip::Member& member : zip.members) {
      member.local.flags = member.central.flags = 8;
      member.local.crc = member.local.size = member.local.packed_size = 0;
    }
    zip.members[0].local.zip64 = true;
    zip.members[1].position = 100;  // the descriptor is in the gap
  }
  check_two_members(zip);
}

TEST_CASE("members at and around 2^31, 2^32 and 2^33 bytes are found") {
  const TemporaryDirectory dir;
  const std::uint64_t size = GENERATE(k2G - 1, k2G, k2G + 1, k4G - 2, k4G - 1, k4G, k4G + 1, k8G - 1, k8G, k8G + 1);
  const bool all_zip64 = GENERATE(false, true);  // NumPy writes ZIP64 in every local header
  PlainZip zip;
  zip.add("before.npy", "small").add("large.npy", "head", size - 8, "tail").add("behind.npy", "small");
  for (PlainZip::Member& member : zip.members)
    member.local.zip64 = all_zip64;
  zip.write_sparse(dir / "large.zip");
  const MappedFile file(dir / "large.zip");
  const std::vector<ZipMember> members = read_zip_directory(file.name(), file.bytes());
  REQUIRE(members.size() == 3);
  CHECK(members[0].packed == "small");
  CHECK(members[1].size == size);
  CHECK(members[1].packed.size() == size);
  CHECK(members[1].crc == zip.members[1].central.crc);
  CHECK(members[1].packed.starts_with("head"));
  CHECK(members[1].packed.ends_with("tail"));
  CHECK(members[2].packed == "small");
}

TEST_CASE("headers at and around 2^31, 2^32 and 2^33 bytes are found") {
  const TemporaryDirectory dir;
  const std::uint64_t position = GENERATE(k2G - 1, k2G, k2G + 1, k4G - 2, k4G - 1, k4G, k4G + 1, k8G - 1, k8G, k8G + 1);
  PlainZip zip = two_members();
  zip.members[1].position = position;
  zip.write_sparse(dir / "large.zip");
  const MappedFile file(dir / "large.zip");
  const std::vector<ZipMember> members = read_zip_directory(file.name(), file.bytes());
  REQUIRE(members.size() == 2);
  CHECK(members[1].packed == "second");
  CHECK(static_cast<std::uint64_t>(members[1].packed.data() - file.bytes().data()) == position + 35);
}

TEST_CASE("as many members as there may be, and one more") {
  PlainZip zip;
  for (int i = 0; i < 65536; ++i)
    zip.add(std::to_string(i), {});
  CHECK(read_zip_directory("file", zip.bytes()).size() == 65536);
  CHECK(refusal(zip.add("last", {}).bytes()) == "file: 65537 members are outside 1..65536");
  zip.members.resize(65535);  // the count that also says "see ZIP64"
  CHECK(read_zip_directory("file", zip.bytes()).size() == 65535);
  CHECK(refusal(PlainZip().bytes()) == "file: 0 members are outside 1..65536");
}

TEST_CASE("a member that disagrees with its local header is refused by name") {
  const auto local = [](auto change) { return refusal([&](PlainZip& zip) { change(zip.members[1].local); }); };
  CHECK(local([](auto& h) { h.name = "c.npy"; }) == "file: member b: has another name in its header");
  CHECK(local([](auto& h) { h.method = 8; }) == "file: member b: its method is 8 in its header, 0 in the directory");
  CHECK(local([](auto& h) { h.size = 5; }) == "file: member b: its size is 5 in its header, 6 in the directory");
  CHECK(local([](auto& h) { h.packed_size = 0; }) ==
        "file: member b: its packed size is 0 in its header, 6 in the directory");
  CHECK_THAT(local([](auto& h) { h.crc = 7; }), Catch::Matchers::StartsWith("file: member b: its CRC-32 is 7 in its"));
  CHECK(local([](auto& h) { h.size = k4G + 6; }) ==
        "file: member b: its size is 4294967302 in its header, 6 in the directory");
  CHECK(local([](auto& h) { h.flags = 1; }) == "file: member b: is encrypted");
  CHECK(local([](auto& h) {
          h.flags = 8;
          h.size = 5;
        }) == "file: member b: its size is 5 in its header, 6 in the directory");
}

TEST_CASE("a member that lies outside or on another is refused by name") {
  const auto central = [](auto change) { return refusal([&](PlainZip& zip) { change(zip.members[1].central); }); };
  CHECK(central([](auto& h) { h.offset = 84; }) == "file: member b: its header at byte 84 is outside 0..89");
  CHECK(central([](auto& h) { h.offset = ~0ULL; }) ==
        "file: member b: its header at byte 18446744073709551615 is outside 0..89");
  CHECK(central([](auto& h) { h.offset = 47; }) == "file: member b: its header is damaged");
  CHECK(central([](auto& h) { h.size = h.packed_size = 7; }) ==
        "file: member b: its 7 bytes go beyond the directory, byte 89");
  CHECK(central([](auto& h) { h.size = h.packed_size = ~0ULL; }) ==
        "file: member b: its 18446744073709551615 bytes go beyond the directory, byte 89");
  CHECK(central([](auto& h) {
          h.offset = 0;
          h.name = "a.npy";
          h.crc = PlainZip::crc_of("first content");
          h.size = h.packed_size = 13;
        }) == "file: member a: overlaps member a");
  CHECK(refusal([](PlainZip& zip) {
          zip.members[0].local.size = zip.members[0].local.packed_size = 14;
          zip.members[0].central.size = zip.members[0].central.packed_size = 14;
        }) == "file: member b: overlaps member a");
}

TEST_CASE("a central header that cannot be right is refused by name") {
  const auto both = [](auto change) {
    return refusal([&](PlainZip& zip) {
      change(zip.members[1].central);
      change(zip.members[1].local);
    });
  };
  CHECK(both([](auto& h) { h.flags = 1; }) == "file: member b: is encrypted");
  CHECK(both([](auto& h) { h.flags = 1 << 6; }) == "file: member b: is encrypted");
  CHECK(both([](auto& h) { h.method = 12; }) ==
        "file: member b: compression method 12 is neither stored (0) nor deflate (8)");
  CHECK(both([](auto& h) { h.size = 7; }) == "file: member b: is stored, yet its two sizes differ");
  CHECK(both([](auto& h) {
          h.method = 8;
          h.size = 1032 * 7;
        }) == "file: member b: claims an impossible size");
  CHECK(both([](auto& h) { h.disk = 1; }) == "file: member b: is on disk 1; the archive must be one file");
  CHECK(both([](auto& h) { h.name.clear(); }) == "file: a member's name has 0 bytes, outside 1..511");
  CHECK(both([](auto& h) { h.name.assign(512, 'b'); }) == "file: a member's name has 512 bytes, outside 1..511");
  CHECK(both([](auto& h) { h.extra = PlainZip::number(7, 2) + PlainZip::number(1, 2); }) ==
        "file: member b: its extra fields are damaged");
  const std::string zip64 = PlainZip::number(1, 2) + PlainZip::number(8, 2) + PlainZip::number(6, 8);
  CHECK(both([&](auto& h) { h.extra = zip64 + zip64; }) == "file: member b: has two ZIP64 fields");
  const auto without_zip64 = [](std::size_t header) {  // the sizes are all ones, the field has another id
    PlainZip zip = two_members();
    zip.members[1].local.zip64 = header == 0;
    zip.members[1].central.zip64 = header == 1;
    std::string bytes = zip.bytes();
    bytes[bytes.rfind(PlainZip::number(1, 2) + PlainZip::number(header == 0 ? 16 : 24, 2))] = 9;
    return refusal(bytes);
  };
  CHECK(without_zip64(0) == "file: member b: its ZIP64 field is missing or too short");
  CHECK(without_zip64(1) == "file: member b: its ZIP64 field is missing or too short");
}

TEST_CASE("end records that cannot be right are refused") {
  const std::string missing = "file: the directory of the archive is missing or damaged; the file may be cut off";
  const std::string disks = "file: the archive is split over several disks; it must be one file";
  const bool zip64 = GENERATE(false, true);
  const auto end = [&](auto change) {
    return refusal([&](PlainZip& zip) {
      zip.end.zip64 = zip64;
      change(zip.end);
    });
  };
  CHECK(end([](auto&) {}) == "accepted");
  CHECK(end([](auto& e) { e.members = e.members_here = 1; }) == "file: the directory goes on behind its 1 members");
  CHECK(end([](auto& e) { e.members = e.members_here = 3; }) == "file: the directory lists 3 members, 2 are there");
  CHECK(end([](auto& e) { e.members = 3; }) == disks);
  CHECK(end([](auto& e) { e.disk = 1; }) == disks);
  CHECK(end([](auto& e) { e.directory_disk = 1; }) == disks);
  CHECK_THAT(end([](auto& e) { e.offset = 90; }),
             EndsWith("a directory of 102 bytes at byte 90 goes beyond the end record, byte 191"));
  CHECK_THAT(end([](auto& e) { e.size = 192; }),
             EndsWith("a directory of 192 bytes at byte 89 goes beyond the end record, byte 191"));
  CHECK(end([](auto& e) { e.size = 101; }) == "file: the directory lists 2 members, 0 are there");
  CHECK(end([](auto& e) { e.offset = 88; }) == "file: member a: its header is damaged");  // a prefix of a byte
  CHECK(refusal(two_members().bytes() + '\0') == missing);
  CHECK(refusal("") == missing);
  CHECK(refusal("PK\x05\x06") == missing);
}

TEST_CASE("ZIP64 end records that cannot be right are refused") {
  const std::string damaged = "file: the ZIP64 end record of the archive is missing or damaged";
  const auto end = [&](auto change) {
    return refusal([&](PlainZip& zip) {
      zip.end.zip64 = true;
      change(zip.end);
    });
  };
  CHECK(end([](auto& e) { e.disks = 2; }) == "file: the archive is split over several disks; it must be one file");
  CHECK(end([](auto& e) { e.zip64_offset = ~0ULL; }) == damaged);
  CHECK(end([](auto& e) {
          e.zip64_offset = 0;
          e.extensible_data = "more";
        }) == damaged);
  PlainZip zip = two_members();
  zip.end.zip64 = true;
  std::string bytes = zip.bytes();
  bytes.replace(bytes.size() - 12, 2, PlainZip::number(3, 2));  // the members of the end record
  CHECK(refusal(bytes) == "file: the end record and the ZIP64 end record disagree");
}

TEST_CASE("every truncation of an archive with ZIP64 is refused, and no changed byte does harm", "[damage]") {
  PlainZip zip = two_members();
  zip.members[0].local.zip64 = zip.members[1].central.zip64 = zip.end.zip64 = true;
  const std::string whole = zip.bytes();
  const auto read = [](const std::string& bytes) {
    for (const ZipMember& member : read_zip_directory("file", bytes))
      if (member.deflated) inflate("file", member);
  };
  Damage damage("ZIP directory", whole);
  CHECK(damage.cut(read) == whole.size());
  damage.replace(read);
}

TEST_CASE("deflated members are inflated to exactly what the directory claims") {
  const std::string content(100000, 'x');
  const auto inflated = [&](std::string packed, std::uint64_t size) {
    PlainZip zip;
    zip.add("a.npy", packed);
    for (PlainZip::Header* header : {&zip.members[0].local, &zip.members[0].central}) {
      header->method = 8;
      header->size = size;
    }
    const std::string bytes = zip.bytes();
    return inflate("file", read_zip_directory("file", bytes).at(0));
  };
  const std::string packed = deflated(content);
  CHECK(inflated(packed, content.size()) == content);
  CHECK(inflated(deflated(""), 0).empty());
  for (const std::uint64_t size : {std::uint64_t{0}, content.size() - 1, content.size() + 1})
    CHECK_THROWS_WITH(inflated(packed, size), "file: member a: does not inflate to the " + std::to_string(size) +
                                                  " bytes that the directory claims");
  CHECK_THROWS_AS(inflated(packed.substr(0, packed.size() - 1), content.size()), FormatError);
  CHECK_THROWS_AS(inflated(packed + '\0', content.size()), FormatError);
  CHECK_THROWS_AS(inflated("\xff\xff", 1), FormatError);
}

TEST_CASE("an archive with a name twice, or with and without .npy, is refused") {
  const TemporaryDirectory dir;
  PlainZip zip = two_members();
  const std::string second = GENERATE("a.npy", "a");
  zip.members[1].local.name = zip.members[1].central.name = second;
  write_file(dir / "a.npz", zip.bytes());
  CHECK_THROWS_WITH(NpzFile(dir / "a.npz"), EndsWith("a.npz: member a is there twice"));
}

TEST_CASE("arrays at and around 2^31, 2^32 and 2^33 bytes are used in place") {
  const TemporaryDirectory dir;
  const std::uint64_t size = GENERATE(k2G - 128, k2G, k4G - 128, k4G, k8G);
  const std::string header = npy_header(DType::u1, {&size, 1});
  PlainZip zip;
  zip.add("large.npy", header, size - 1, "x").add("behind.npy", npy_header(DType::u1, {}) + "y");
  zip.write_sparse(dir / "large.npz");
  const NpzFile file(dir / "large.npz");
  const auto large = file.array<std::uint8_t>("large");
  CHECK(large.size() == size);
  CHECK(large.back() == 'x');
  CHECK(file.get("behind").bytes == "y");
}
