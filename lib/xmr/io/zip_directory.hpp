#pragma once
// The directory of a ZIP archive in memory, with ZIP64: stored and deflated members of any size (PKWARE APPNOTE 6.3.10,
// sections 4.3 to 4.5). Prefix bytes, comments, gaps, unknown extra fields and data descriptors are accepted.
//
//   for (const ZipMember& member : read_zip_directory("X.npz", bytes))
//     member.packed;  // a view of `bytes`
//
// FormatError names the file and the member: for one that is encrypted, lies outside, overlaps another or disagrees
// with its local header, for an archive on several disks, and for a wrong number of members. Costs: one local header,
// that is one page, a member; no data is read.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xmr {

struct ZipMember {
  std::string_view name;    // 1..511 bytes
  std::string_view packed;  // as the archive holds it
  std::uint64_t size = 0;   // bytes when inflated; of packed if it is stored
  std::uint32_t crc = 0;    // of the inflated bytes, not compared with them
  bool deflated = false;
};

// Names and packed bytes are views of `archive`. Members come in the order of the directory. Names may repeat.
std::vector<ZipMember> read_zip_directory(const std::string& file_name, std::string_view archive);

// Returns the bytes of a deflated member. FormatError unless they are exactly as many as the directory claims.
std::string inflate(const std::string& file_name, const ZipMember& member);

// The name of a member in messages: without ".npy".
std::string_view without_npy(std::string_view member_name);

}  // namespace xmr
