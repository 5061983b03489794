#include "xmr/io/packing.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::string_view bytes;
  Packing packing;
};

// RFC 1952; RFC 8878 (frames, and skippable ones, whose first byte has 16 values); the .xz format 1.1.0; bzip2's block
// and end marks behind its digit, since a text may begin with "BZh".
constexpr std::array<Magic, 4> kMagics{{{"\x1f\x8b\x08"sv, Packing::gzip},
                                        {"\x28\xb5\x2f\xfd"sv, Packing::zstd},
                                        {"\xfd"
                                         "7zXZ\x00"sv,
                                         Packing::xz},
                                        {"BZh"sv, Packing::bzip2}}};
constexpr std::string_view kSkippable = "\x2a\x4d\x18"sv;
constexpr std::string_view kBzip2Block = "\x31\x41\x59\x26\x53\x59"sv, kBzip2End = "\x17\x72\x45\x38\x50\x90"sv;

// True if `bytes` begins with `magic`; with `more` also if it is the beginning of it.
bool agrees(std::string_view bytes, std::string_view magic, bool more) {
  return bytes.size() < magic.size() ? more && magic.starts_with(bytes) : bytes.starts_with(magic);
}

bool is_bzip2(std::string_view bytes, bool more) {
  if (!agrees(bytes, "BZh", more)) return false;
  if (bytes.size() <= 3) return more;
  if (bytes[3] < '1' || bytes[3] > '9') return false;
  return agrees(bytes.substr(4), kBzip2Block, more) || agrees(bytes.substr(4), kBzip2End, more);
}

bool is_skippable_zstd(std::string_view bytes, bool more) {
  return (static_cast<unsigned char>(bytes[0]) & 0xF0U) == 0x50U && agrees(bytes.substr(1), kSkippable, more);
}

// Files that are no text. `command` turns {0}, the file, into text in {1}; empty where no common program does.
struct Refused {
  std::string_view bytes;
  std::size_t at;
  const char* name;
  const char* command;
};
constexpr Refused kRefused[] = {
    {"\x04\x22\x4d\x18"sv, 0, "is compressed (lz4), which is not built in", "lz4 -dc {0} > {1}"},
    {"\x02\x21\x4c\x18"sv, 0, "is compressed (lz4), which is not built in", "lz4 -dc {0} > {1}"},
    {"7z\xbc\xaf\x27\x1c"sv, 0, "is a 7z archive, not text", "7z x -so {0} > {1}"},
    {"Rar!\x1a\x07"sv, 0, "is a RAR archive, not text", "unrar p -inul {0} > {1}"},
    {"\x1f\x9d"sv, 0, "is compressed (compress, .Z), which is not built in", "gzip -dc {0} > {1}"},
    {"\x1f\xa0"sv, 0, "is compressed (LZH), which is not built in", "gzip -dc {0} > {1}"},
    {"\x1f\x1e"sv, 0, "is compressed (pack, .z), which is not built in", "gzip -dc {0} > {1}"},
    {"LZIP\x01"sv, 0, "is compressed (lzip), which is not built in", "lzip -dc {0} > {1}"},
    {"\x89LZO\x00\r\n\x1a\n"sv, 0, "is compressed (lzop), which is not built in", "lzop -dc {0} > {1}"},
    {"\x5d\x00\x00"sv, 0, "is compressed (lzma), which is not built in", "xz -dc --format=lzma {0} > {1}"},
    {"\xff\x06\x00\x00sNaPpY"sv, 0, "is compressed (snappy), which is not built in", "snzip -dc {0} > {1}"},
    {"PAR1\x15"sv, 0, "is a Parquet file, not text",
     "python3 -c 'import pandas,sys; pandas.read_parquet(sys.argv[1]).to_csv(sys.argv[2],index=False)' {0} {1}"},
    {"ARROW1\x00\x00"sv, 0, "is an Arrow file, not text",
     "python3 -c 'import pandas,sys; pandas.read_feather(sys.argv[1]).to_csv(sys.argv[2],index=False)' {0} {1}"},
    {"ORC\x08"sv, 0, "is an ORC file, not text",
     "python3 -c 'import pandas,sys; pandas.read_orc(sys.argv[1]).to_csv(sys.argv[2],index=False)' {0} {1}"},
    {"Obj\x01"sv, 0, "is an Avro file, not text", ""},
    {"\x89HDF\r\n\x1a\n"sv, 0, "is an HDF5 file, not text", ""},
    {"SQLite format 3\x00"sv, 0, "is an SQLite database, not text", ""},
    {"%PDF-"sv, 0, "is a PDF file, not text", "pdftotext {0} {1}"},
    {"version https://git-lfs.github.com/spec/"sv, 0, "is a pointer of Git LFS, not the file itself",
     "git lfs pull --include {0}"},
    {"%%MatrixMarket"sv, 0, "is a matrix in Matrix Market form, not text",
     "python3 -c 'import sys,scipy.io,scipy.sparse; scipy.sparse.save_npz(sys.argv[2],"
     "scipy.io.mmread(sys.argv[1]).tocsr())' {0} {0}.npz"},
    {"MATLAB 5.0 MAT-file"sv, 0, "is a file of MATLAB, not text", ""},
    {"<!DOCTYPE html"sv, 0, "is a page of HTML, not text", ""},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, 0, "is a file of old Microsoft Office, not text",
     "soffice --headless --convert-to csv {0}"},
    {"\x80\x02"sv, 0, "is a pickle of Python's, not text", ""},
    {"\x80\x03"sv, 0, "is a pickle of Python's, not text", ""},
    {"\x80\x04\x95"sv, 0, "is a pickle of Python's, not text", ""},
    {"\x80\x05\x95"sv, 0, "is a pickle of Python's, not text", ""},
    {"ustar"sv, 257, "is a tar archive, not text", "tar -xOf {0} > {1}"},
    {"\xff\xfe\x00\x00"sv, 0, "is UTF-32, text must be UTF-8", "iconv -f UTF-32 -t UTF-8 {0} > {1}"},
    {"\x00\x00\xfe\xff"sv, 0, "is UTF-32, text must be UTF-8", "iconv -f UTF-32 -t UTF-8 {0} > {1}"},
    {"\xff\xfe"sv, 0, "is UTF-16, text must be UTF-8", "iconv -f UTF-16 -t UTF-8 {0} > {1}"},
    {"\xfe\xff"sv, 0, "is UTF-16, text must be UTF-8", "iconv -f UTF-16 -t UTF-8 {0} > {1}"},
};

// The name of the first member of a ZIP archive (APPNOTE 4.3.7); empty if it is not all there.
std::string_view first_member(std::string_view zip) {
  constexpr std::size_t kHeader = 30;
  if (zip.size() < kHeader) return {};
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(zip[i])); };
  const std::size_t length = byte(26) | byte(27) << 8;
  return length <= zip.size() - kHeader ? zip.substr(kHeader, length) : std::string_view();
}

// The command for a file, made of a pattern; what comes from stdin has to be unpacked before the pipe.
std::string command_for(const std::string& file, std::string_view pattern) {
  if (pattern.empty()) return {};
  const std::string text = file == "<stdin>" ? "TEXT" : shell_word(file + ".txt");
  return fmt::format(fmt::runtime(pattern), file == "<stdin>" ? "FILE" : shell_word(file), text);
}

// Text in 2 or 4 bytes a character without a mark: every other byte, or three of four, are 0 in ASCII.
const char* wide_encoding(std::string_view bytes) {
  std::array<std::size_t, 4> zeros{};
  const std::size_t size = std::min<std::size_t>(bytes.size(), 512) / 4 * 4;
  if (size < 8) return nullptr;
  for (std::size_t i = 0; i < size; ++i)
    zeros[i % 4] += bytes[i] == '\0' ? 1 : 0;
  const std::size_t most = size / 4 * 3 / 4;  // three quarters of the characters
  const auto many = [&](std::size_t place) { return zeros[place] >= most; };
  const auto none = [&](std::size_t place) { return zeros[place] * 4 < size / 4; };
  if (none(0) && many(1) && many(2) && many(3)) return "UTF-32LE";
  if (many(0) && many(1) && many(2) && none(3)) return "UTF-32BE";
  if (none(0) && many(1) && none(2) && many(3)) return "UTF-16LE";
  if (many(0) && none(1) && many(2) && none(3)) return "UTF-16BE";
  return nullptr;
}

}  // namespace

FoundPacking find_packing(std::string_view bytes, bool more) {
  if (bytes.empty()) return {Packing::none, more};
  if (is_bzip2(bytes, more)) return {Packing::bzip2, more && bytes.size() < kLongestMagic};
  if (is_skippable_zstd(bytes, more)) return {Packing::zstd, bytes.size() <= kSkippable.size()};
  for (const auto& [magic, packing] : kMagics)
    if (packing != Packing::bzip2 && agrees(bytes, magic, more)) return {packing, bytes.size() < magic.size()};
  return {};
}

std::string_view name_of(Packing packing) {
  constexpr std::array<std::string_view, 5> names = {"none", "gzip", "zstd", "xz", "bzip2"};
  return names[static_cast<std::size_t>(packing)];
}

std::string_view unpacks(Packing packing) {
  constexpr std::array<std::string_view, 5> programs = {"cat", "gzip -dc", "zstd -dc", "xz -dc", "bzip2 -dc"};
  return programs[static_cast<std::size_t>(packing)];
}

std::string unpacked_name(const std::string& file) {
  for (const std::string_view ending : {".gz", ".bgz", ".zst", ".xz", ".bz2"})
    if (file.size() > ending.size() && file.ends_with(ending) && file[file.size() - ending.size() - 1] != '/')
      return file.substr(0, file.size() - ending.size());
  return file + ".unpacked";
}

bool may_hold_arrays(std::string_view bytes) {
  const std::string_view member = first_member(bytes);
  return member.empty() || member == "meta.json" || member.ends_with(".npy");
}

void require_text(const std::string& file, std::string_view bytes) {
  if (bytes.starts_with("PK\x03\x04") && !may_hold_arrays(bytes)) {
    const std::string_view member = first_member(bytes);
    if (member.starts_with("xl/") || member == "[Content_Types].xml")
      throw DataError(file, "is an Office document (.xlsx), not text",
                      command_for(file, "soffice --headless --convert-to csv {0}"));
    throw DataError(file, "is a ZIP archive, not text", command_for(file, "unzip -p {0} > {1}"));
  }
  for (const Refused& refused : kRefused)
    if (bytes.size() >= refused.at && bytes.substr(refused.at).starts_with(refused.bytes))
      throw DataError(file, refused.name, command_for(file, refused.command));
  if (const char* encoding = wide_encoding(bytes))
    throw DataError(file, fmt::format("is {} without a byte order mark, text must be UTF-8", encoding),
                    command_for(file, fmt::format("iconv -f {} -t UTF-8 {{0}} > {{1}}", encoding)));
}

}  // namespace xmr
