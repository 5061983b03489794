#pragma once
// The formats in which files are packed, told from their first bytes.
//
// gzip, zstd, xz and bzip2 are read wherever text is read (decoder.hpp). Other formats are refused by name
// (foreign_file.hpp).
// Thread rule: pure functions.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace xmr {

enum class Packing : std::uint8_t { none, gzip, zstd, xz, bzip2 };

// The number of bytes after which find_packing() knows.
inline constexpr std::size_t kLongestMagic = 10;

// The packing of a file that begins so; `more`: the bytes may go on, and the answer is open until they do.
struct FoundPacking {
  Packing packing = Packing::none;
  bool is_open = false;
};
FoundPacking find_packing(std::string_view first_bytes, bool more);

std::string_view name_of(Packing packing);
// The program that unpacks a file to its stdout: "gzip -dc".
std::string_view unpacks(Packing packing);

// The name of a file without the ending that its packing gave it: "X.npz" of "X.npz.gz"; with ".unpacked" behind it if
// there is no such ending.
std::string unpacked_name(const std::string& file);

// The name of the first member of a ZIP archive (APPNOTE 4.3.7); empty if it is not all there.
std::string_view first_zip_member(std::string_view zip);
// True unless the first member of a ZIP archive, which begins with `bytes`, has the name of something else than an
// array.
bool may_hold_arrays(std::string_view bytes);

}  // namespace xmr
