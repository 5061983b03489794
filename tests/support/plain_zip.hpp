#pragma once
// A ZIP archive of stored members as other programs write it: no alignment, no meta.json, ZIP64 where it is needed. For
// tests of what readers make of foreign archives, of forged ones, and of sparse files larger than any memory:
//
//   PlainZip zip;
//   zip.add("a.npy", "content").add("b", "more");
//   zip.members[1].central.size = 5;  // a lie
//   write_file(path, zip.bytes());
//
// Records as in PKWARE's APPNOTE, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to 4.3.16 (ends).

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

namespace xmr::test {

class PlainZip {
 public:
  struct Header {
    std::uint64_t flags = 0, method = 0, crc = 0, packed_size = 0, size = 0;
    std::string name, extra;
    std::uint64_t disk = 0;               // central header only
    std::optional<std::uint64_t> offset;  // central header only; default: where the local header is
    bool zip64 = false;                   // also where no value needs it
  };
  struct Member {
    Header local, central;
    std::string content;
    std::uint64_t zeros = 0;  // which follow the content
    std::string tail;         // what follows the zeros
    std::optional<std::uint64_t> position;
  };
  struct End {
    std::uint64_t disk = 0, directory_disk = 0, disks = 1;
    std::optional<std::uint64_t> members_here, members, size, offset, zip64_offset;
    bool zip64 = false;           // also where no value needs it
    std::string extensible_data;  // behind the ZIP64 record
  };

  std::string prefix, comment;  // bytes before and behind the archive
  std::vector<Member> members;
  End end;

  PlainZip& add(std::string_view name, std::string_view content, std::uint64_t zeros = 0, std::string_view tail = {}) {
    Header header;
    header.name = name;
    header.packed_size = header.size = content.size() + zeros + tail.size();
    header.crc = joined(joined(crc_of(content), crc_of_zeros(zeros), zeros), crc_of(tail), tail.size());
    members.push_back({header, header, std::string(content), zeros, std::string(tail), {}});
    return *this;
  }

  // The whole archive. Positions inside it count from the end of the prefix.
  std::string bytes() const {
    std::string all;
    lay_out([&](std::uint64_t position, std::string_view piece) {
      all.resize(std::max<std::uint64_t>(all.size(), position));
      all.replace(position, piece.size(), piece);
    });
    return all;
  }

  // The same as a file in which zeros are a hole.
  void write_sparse(const std::string& path) const {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool failed = descriptor < 0;
    lay_out([&](std::uint64_t position, std::string_view piece) {
      failed = failed || ::pwrite(descriptor, piece.data(), piece.size(), static_cast<off_t>(position)) !=
                             static_cast<ssize_t>(piece.size());
    });
    if (failed || ::close(descriptor) != 0) throw std::system_error(errno, std::generic_category(), path);
  }

  static std::string number(std::uint64_t value, int width) {  // little-endian
    std::string text;
    for (int i = 0; i < width; ++i, value >>= 8)
      text += static_cast<char>(value & 255U);
    return text;
  }

  static std::uint32_t crc_of(std::string_view bytes) {
    return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  }
  // The CRC-32 of bytes that follow others.
  static std::uint32_t joined(std::uint32_t first, std::uint32_t second, std::uint64_t second_size) {
    return static_cast<std::uint32_t>(::crc32_combine64(first, second, static_cast<off64_t>(second_size)));
  }
  // By doubling: zeros cost nothing.
  static std::uint32_t crc_of_zeros(std::uint64_t count) {
    if (count == 0) return 0;
    const std::uint32_t half = crc_of_zeros(count / 2), even = joined(half, half, count / 2);
    return count % 2 == 0 ? even : joined(even, crc_of({"", 1}), 1);
  }

 private:
  static constexpr std::uint64_t kWide = 0xffffffff;

  // `value` in 4 bytes, or all ones and 8 bytes more in `field`.
  static std::string narrow(std::uint64_t value, bool forced, std::string& field) {
    if (value < kWide && !forced) return number(value, 4);
    field += number(value, 8);
    return number(kWide, 4);
  }
  static std::string zip64_field(const std::string& values) {
    return values.empty() ? std::string() : number(1, 2) + number(values.size(), 2) + values;
  }

  static std::string local_header(const Header& h) {
    std::string wide;  // both sizes or none (4.5.3)
    const bool both = h.zip64 || h.size >= kWide || h.packed_size >= kWide;
    const std::string size = narrow(h.size, both, wide), packed = narrow(h.packed_size, both, wide);
    const std::string extra = zip64_field(wide) + h.extra;
    return "PK\x03\x04" + number(45, 2) + number(h.flags, 2) + number(h.method, 2) + number(0, 4) + number(h.crc, 4) +
           packed + size + number(h.name.size(), 2) + number(extra.size(), 2) + h.name + extra;
  }

  static std::string central_header(const Header& h, std::uint64_t position) {
    std::string wide;
    const std::string size = narrow(h.size, h.zip64, wide), packed = narrow(h.packed_size, h.zip64, wide);
    const std::string offset = narrow(h.offset.value_or(position), h.zip64, wide);
    const std::string extra = zip64_field(wide) + h.extra;
    return "PK\x01\x02" + number(45, 2) + number(45, 2) + number(h.flags, 2) + number(h.method, 2) + number(0, 4) +
           number(h.crc, 4) + packed + size + number(h.name.size(), 2) + number(extra.size(), 2) + number(0, 2) +
           number(h.disk, 2) + number(0, 6) + offset + h.name + extra;
  }

  std::string end_records(std::uint64_t position, std::uint64_t directory_size) const {
    const std::uint64_t here = end.members_here.value_or(members.size()), all = end.members.value_or(members.size());
    const std::uint64_t size = end.size.value_or(directory_size), offset = end.offset.value_or(position);
    const bool zip64 = end.zip64 || all >= 0xffff || size >= kWide || offset >= kWide;
    std::string records;
    if (zip64) {
      records = "PK\x06\x06" + number(44 + end.extensible_data.size(), 8) + number(45, 2) + number(45, 2) +
                number(end.disk, 4) + number(end.directory_disk, 4) + number(here, 8) + number(all, 8) +
                number(size, 8) + number(offset, 8) + end.extensible_data + "PK\x06\x07" + number(end.disk, 4) +
                number(end.zip64_offset.value_or(position + directory_size), 8) + number(end.disks, 4);
    }
    const auto narrowed = [&](std::uint64_t value, int width) {
      return zip64 ? number(~0ULL, width) : number(value, width);
    };
    return records + "PK\x05\x06" + narrowed(end.disk, 2) + narrowed(end.directory_disk, 2) + narrowed(here, 2) +
           narrowed(all, 2) + narrowed(size, 4) + narrowed(offset, 4) + number(comment.size(), 2) + comment;
  }

  // Calls put(position, bytes) for every piece but zeros.
  template <class Put>
  void lay_out(Put put) const {
    std::uint64_t at = 0;  // in the archive
    const auto add_piece = [&](std::string_view piece) {
      put(prefix.size() + at, piece);
      at += piece.size();
    };
    put(0, prefix);
    std::string directory;
    std::uint64_t begin = 0;
    for (const Member& member : members) {
      at = member.position.value_or(at);
      directory += central_header(member.central, at);
      add_piece(local_header(member.local));
      add_piece(member.content);
      at += member.zeros;
      add_piece(member.tail);
      begin = std::max(begin, at);
    }
    at = begin;
    add_piece(directory);
    add_piece(end_records(begin, directory.size()));
  }
};

}  // namespace xmr::test
