#include "xmr/io/packing.hpp"

#include <array>
#include <random>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "xmr/io/file.hpp"
#include "xmr/io/foreign_file.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/part_of.hpp"

#include "support/catch.hpp"
#include "support/packed.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using Catch::Matchers::Contains;
using xmr::test::packed;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

namespace {

constexpr std::array kPackings = {Packing::gzip, Packing::zstd, Packing::xz, Packing::bzip2};

std::string random_text(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size)
    text += "word" + std::to_string(random() % 5000) + (random() % 9 == 0 ? "\n" : " ");
  text.resize(size);
  return text;
}

// Reads in pieces of many sizes. What came before an error is in `text`.
std::string read_all(const std::string& path, std::string& text) {
  InputFile input(path);
  std::vector<char> buffer(70000);
  std::size_t size = 1;
  while (const std::size_t n = input.read(std::span(buffer).first(size))) {
    text.append(buffer.data(), n);
    size = size * 7 % buffer.size() + 1;
  }
  return text;
}

std::string read_all(const std::string& path) {
  std::string text;
  return read_all(path, text);
}

}  // namespace

TEST_CASE("packed text is unpacked, members behind each other too") {
  const TemporaryDirectory dir;
  const Packing packing = GENERATE(from_range(kPackings));
  for (const std::size_t size : {0UL, 1UL, 100UL, 300000UL, 1UL << 18, 2000000UL}) {
    const std::string text = random_text(size, static_cast<unsigned>(size));
    write_file(dir / "t", packed(packing, text));
    CHECK(read_all(dir / "t") == text);
    write_file(dir / "t", packed(packing, text) + packed(packing, "") + packed(packing, "end\n" + text));
    CHECK(read_all(dir / "t") == text + "end\n" + text);
  }
  InputFile input(dir / "t");
  CHECK(input.packing() == packing);
  CHECK_FALSE(input.is_regular());
  CHECK_FALSE(is_plain_file(dir / "t"));
}

TEST_CASE("zeros may follow a gzip member, frames to skip may stand among those of zstd") {
  const TemporaryDirectory dir;
  write_file(dir / "t", packed(Packing::gzip, "a\n") + std::string(1000, '\0'));
  CHECK(read_all(dir / "t") == "a\n");
  const std::string skipped("\x53\x2a\x4d\x18\x03\x00\x00\x00xyz", 11);
  write_file(dir / "t", skipped + packed(Packing::zstd, "a\n") + skipped + packed(Packing::zstd, "b\n"));
  CHECK(read_all(dir / "t") == "a\nb\n");
}

TEST_CASE("a stream that is cut anywhere is an error behind the text before it") {
  const TemporaryDirectory dir;
  const Packing packing = GENERATE(from_range(kPackings));
  const std::string text = random_text(800, 7), whole = packed(packing, text);
  for (std::size_t size = kLongestMagic; size < whole.size(); ++size) {
    write_file(dir / "t", whole.substr(0, size));
    std::string before;
    CHECK_THROWS_AS(read_all(dir / "t", before), FormatError);
    CHECK(text.starts_with(before));
  }
  write_file(dir / "t", whole.substr(0, 20));
  CHECK_THROWS_WITH(read_all(dir / "t"), Contains("t: byte 20 of the compressed file (" +
                                                  std::string(name_of(packing)) + "): is cut off there"));
}

TEST_CASE("a changed byte is an error or changes nothing") {
  const TemporaryDirectory dir;
  const Packing packing = GENERATE(from_range(kPackings));
  const std::string text = random_text(800, 9), whole = packed(packing, text);
  for (std::size_t i = kLongestMagic; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    write_file(dir / "t", damaged);
    std::string found;
    try {
      read_all(dir / "t", found);
      if (packing != Packing::zstd) CHECK(found == text);  // ZSTD_compress() writes no checksum
    } catch (const FormatError&) {
      CHECK(found != text + text);
    }
  }
  write_file(dir / "t", whole + "no member");
  CHECK_THROWS_AS(read_all(dir / "t"), FormatError);
}

TEST_CASE("what a pipe brought is unpacked before more comes", "[threads]") {
  const TemporaryDirectory dir;
  const Packing packing = GENERATE(Packing::gzip, Packing::zstd, Packing::bzip2);
  const std::string first = packed(packing, "one\n"), second = packed(packing, "two\n");
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  REQUIRE(::write(ends[1], first.data(), first.size()) == static_cast<ssize_t>(first.size()));
  LineBlocks lines(InputFile("/dev/fd/" + std::to_string(ends[0])), Delivery::as_it_arrives);
  LineBlock block;
  REQUIRE(lines.next(block));
  CHECK(block.text == "one\n");
  REQUIRE(::write(ends[1], second.data(), second.size()) == static_cast<ssize_t>(second.size()));
  REQUIRE(lines.next(block));
  CHECK(block.text == "two\n");
  ::close(ends[1]);
  CHECK_FALSE(lines.next(block));
  ::close(ends[0]);
}

TEST_CASE("an input that is not read to its end is left at once", "[threads]") {
  const TemporaryDirectory dir;
  const Packing packing = GENERATE(from_range(kPackings));
  write_file(dir / "t", packed(packing, random_text(5000000, 3)));
  InputFile(dir / "t").peek(100);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const std::string start = packed(packing, "one\n");
  REQUIRE(::write(ends[1], start.data(), start.size()) == static_cast<ssize_t>(start.size()));
  InputFile(("/dev/fd/" + std::to_string(ends[0]))).peek(2);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("text that begins like a packing is text") {
  const TemporaryDirectory dir;
  for (const std::string text : {"B", "BZ", "BZh", "BZh9", "BZh91AY is no block\n", "P", "7z", "\xfd", "(\xb5\n"}) {
    write_file(dir / "t", text);
    CHECK(read_all(dir / "t") == text);
    CHECK(is_plain_file(dir / "t"));
  }
}

TEST_CASE("mapped files hold packed text unpacked, and refuse packed arrays") {
  const TemporaryDirectory dir;
  const Packing packing = GENERATE(from_range(kPackings));
  write_file(dir / "t", packed(packing, "0\t1\t0.5\ta\n"));
  CHECK(MappedFile(dir / "t").bytes() == "0\t1\t0.5\ta\n");
  write_file(dir / "X.npz.gz", packed(packing, "PK\x03\x04 and so on"));
  CHECK_THROWS_WITH(MappedFile(dir / "X.npz.gz"), Contains("X.npz.gz: holds arrays packed by "));
  CHECK(unpacked_name("a/X.npz.gz") == "a/X.npz");
  CHECK(unpacked_name(".gz") == ".gz.unpacked");
}

TEST_CASE("parts are not cut out of packed text") {
  const TemporaryDirectory dir;
  write_file(dir / "t.gz", packed(Packing::gzip, "a\nb\n"));
  CHECK_THROWS_WITH(LineBlocks(dir / "t.gz", PartOf{0, 2}), Contains("t.gz: is packed by gzip, parts can only be cut"));
}

TEST_CASE("a file in place of a matrix is refused by name") {
  CHECK_THROWS_WITH(refuse_as_matrix("f", "\x80\x04\x95"), "f: is a pickle of Python's; a matrix is npz or npy");
  CHECK_THROWS_WITH(refuse_as_matrix("f", "1 2:3\n"), "f: is not a matrix: neither npz nor npy");
  const auto hint = [](std::string_view bytes) {
    try {
      refuse_as_matrix("a b", bytes);
    } catch (const FormatError& error) {
      return error.hint();
    }
  };
  CHECK(hint("2 3 4\n1 2:3\n") == "xmr-featurize import -x X.npz -y Y.npz 'a b'");
  CHECK(hint("1,2 3:0.5e-3\n") == "xmr-featurize import -x X.npz -y Y.npz 'a b'");
  CHECK(hint("1\tred\n") ==
        "xmr-featurize fit --word 1 -o vec.npz 'a b' && "
        "xmr-featurize apply -f vec.npz -x X.npz -y Y.npz 'a b'");
  CHECK(hint(std::string(100, '\0')) == "file 'a b'");
}

TEST_CASE("files that are no text are refused by name") {
  const auto start = [](std::string_view bytes) { return std::string(bytes) + std::string(600, 'x'); };
  using namespace std::string_view_literals;
  for (const auto& [bytes, name] : std::vector<std::pair<std::string, std::string>>{
           {start("\x04\x22\x4d\x18"), "is compressed (lz4)"},
           {start("7z\xbc\xaf\x27\x1c"), "is a 7z archive"},
           {start("Rar!\x1a\x07\x01"), "is a RAR archive"},
           {start("\x1f\x9d\x90"), "is compressed (compress, .Z)"},
           {start("PAR1\x15\x04"), "is a Parquet file"},
           {start("SQLite format 3\0"sv), "is an SQLite database"},
           {std::string(257, 'a') + start("ustar"), "is a tar archive"},
           {start("PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.csv"sv), "is a ZIP archive"},
           {start("\xff\xfe\0\0"sv), "is UTF-32"},
           {start("\xff\xfe"), "is UTF-16"},
           {std::string("a\0b\0\t\0c\0d\0\n\0e\0f\0"sv), "is UTF-16LE without a byte order mark"},
           {std::string("\0a\0b\0\t\0c\0d\0\n\0e\0f"sv), "is UTF-16BE without a byte order mark"},
           {std::string("a\0\0\0b\0\0\0c\0\0\0"sv), "is UTF-32LE without a byte order mark"},
           {start("\x80\x04\x8c"), "is a pickle of Python's"},
           {start("ccopy_reg\n_reconstructor"), "is a pickle of Python's"},
           {start("\x10\0\0\0\0\0\0\0{\"w\":"sv), "is a file of safetensors"},
           {start("PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0archive/data.pkl"sv),
            "is a file of PyTorch"},
           {start("<?xml version"), "is XML"},
           {std::string(5000, '\0'), "is binary data, not text"},
           {std::string(20, '\x02') + std::string(380, 'a'), "is binary data, not text"}})
    CHECK_THROWS_WITH(require_text("f", bytes), Contains("f: " + name));
  CHECK_NOTHROW(require_text("f", "0\ttext\n"));
  CHECK_NOTHROW(require_text("f", "a\1b\x1b[1m\x1c\x1d\x1e\x1f\t\v\f\r\n" + std::string(300, 'x')));
  CHECK_NOTHROW(require_text("f", std::string(7, '\0')));
  CHECK_NOTHROW(require_text("f", ""));
}
