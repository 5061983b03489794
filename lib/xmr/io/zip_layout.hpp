#pragma once
// The records of an archive of stored members, as these tools write them (docs/formats.md, "The container"): the data
// of a member begins at a multiple of 64 bytes; sizes are in ZIP64 as well; the date is 1980-01-01. A member begins
// with its local header (ZIP APPNOTE 4.3.7):
//
//   0..29  50 4b 03 04, version 45, flags 0, method 0, time and date 00 00 21 00, CRC-32, both sizes (ff ff ff ff from
//          4 GiB on), lengths of the name and of the extra fields
//   then   the name, "<member>.npy"
//   then   the padding field: id 35 d9, size z, z zero bytes
//   then   the ZIP64 field: id 01 00, size 16, uncompressed and compressed size
//
//   ZipLayout layout;
//   out.write(layout.add("a.npy", data.size(), crc));
//   out.write(data);
//   out.write(layout.directory());
//
// Equal members give equal bytes. Nothing is read or written here.

#include <cstdint>
#include <string>
#include <string_view>

namespace xmr {

class ZipLayout {
 public:
  // Places a member behind the last one and returns its local header, behind which its `size` bytes of data follow.
  // The name has 1 to 65,535 bytes.
  std::string add(std::string_view name, std::uint64_t size, std::uint32_t crc);

  // For a writer that knows the CRC-32 of the last member only when its data is written: sets it, and returns where the
  // local header has it, 4 bytes, least significant first.
  std::uint64_t set_crc(std::uint32_t crc);

  // Returns the central headers and the end records, which follow the last member.
  std::string directory() const;

 private:
  std::string central_headers_;
  std::uint64_t last_central_header_ = 0;  // position in central_headers_
  std::uint64_t last_local_header_ = 0;    // position in the file
  std::uint64_t members_ = 0;
  std::uint64_t end_ = 0;  // of the last member
};

// True if the bytes begin with a local header of this layout.
bool has_our_padding(std::string_view archive);

}  // namespace xmr
