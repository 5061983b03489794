#include "xmr/io/packing.hpp"

#include <algorithm>
#include <array>

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

std::string_view first_zip_member(std::string_view zip) {
  constexpr std::size_t kHeader = 30;
  if (zip.size() < kHeader) return {};
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(zip[i])); };
  const std::size_t length = byte(26) | byte(27) << 8;
  return length <= zip.size() - kHeader ? zip.substr(kHeader, length) : std::string_view();
}

bool may_hold_arrays(std::string_view bytes) {
  const std::string_view member = first_zip_member(bytes);
  return member.empty() || member == "meta.json" || member.ends_with(".npy");
}

}  // namespace xmr
