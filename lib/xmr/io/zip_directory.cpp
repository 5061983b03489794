#include "xmr/io/zip_directory.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <zlib.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint64_t kMaxMembers = 1U << 16;
constexpr std::uint64_t kMaxNameBytes = 511;
// Deflate cannot compress better than 1032:1 (zlib's technical notes).
constexpr std::uint64_t kMaxInflation = 1032;

// Records without their names, extra fields and comments, in bytes; the numbers are sections of the APPNOTE.
constexpr std::uint64_t kLocalHeaderSize = 30;                 // 4.3.7
constexpr std::uint64_t kCentralHeaderSize = 46;               // 4.3.12
constexpr std::uint64_t kZip64EndRecordSize = 56;              // 4.3.14
constexpr std::uint64_t kZip64EndLocatorSize = 20;             // 4.3.15
constexpr std::uint64_t kEndRecordSize = 22;                   // 4.3.16
constexpr std::uint64_t kMaxComment = 0xffff;                  // 4.4.12
constexpr std::uint64_t kExtraHeaderSize = 4;                  // 4.5.1: id and size
constexpr std::uint16_t kZip64Id = 1;                          // 4.5.3
constexpr std::uint32_t kInZip64 = 0xffffffff;                 // 4.4.1.4: the value is in the ZIP64 record or field
constexpr std::uint16_t kInZip64Short = 0xffff;                // the same
constexpr std::uint16_t kEncrypted = 1U | 1U << 6 | 1U << 13;  // 4.4.4: bits 0, 6 and 13
constexpr std::uint16_t kHasDescriptor = 1U << 3;              // 4.4.4: sizes and CRC-32 stand behind the data
constexpr std::uint16_t kStored = 0, kDeflated = 8;            // 4.4.5

template <class T>
T number(std::string_view record, std::uint64_t at) {
  T value;
  std::memcpy(&value, record.data() + at, sizeof value);
  return value;
}

bool is_signed(std::string_view record, std::string_view signature) {
  return record.starts_with(signature);
}

// The place of the directory. Offsets inside the archive count from `prefix`, the bytes before the archive.
struct Directory {
  std::uint64_t begin = 0, end = 0, prefix = 0, members = 0;
};

// The claims of a header about its member.
struct Claims {
  std::uint16_t flags = 0, method = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed_size = 0, size = 0;
};

struct Entry {
  Claims claims;
  std::string_view name;
  std::uint64_t local_header = 0;    // offset in the archive
  std::uint64_t begin = 0, end = 0;  // bytes of the file: from the local header to the end of the data
};

class DirectoryReader {
 public:
  DirectoryReader(const std::string& file_name, std::string_view archive) : file_name_(file_name), archive_(archive) {}

  std::vector<ZipMember> read() {
    directory_ = find_directory();
    std::vector<Entry> entries = read_central_headers();
    std::vector<ZipMember> members;
    members.reserve(entries.size());
    for (Entry& entry : entries)
      members.push_back(locate(entry));
    refuse_overlaps(entries);
    return members;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw FormatError(file_name_, what); }
  [[noreturn]] void fail(std::string_view member, const std::string& what) const {
    fail(fmt::format("member {}: {}", without_npy(member), what));
  }

  // The last end record whose comment ends with the file.
  std::uint64_t find_end_record() const {
    const std::uint64_t size = archive_.size();
    const std::uint64_t lowest = size - std::min(size, kEndRecordSize + kMaxComment);
    for (std::uint64_t at = size - std::min(size, kEndRecordSize) + 1; at-- > lowest;) {
      const std::string_view record = archive_.substr(at);
      if (is_signed(record, "PK\x05\x06") && record.size() >= kEndRecordSize &&
          record.size() - kEndRecordSize == number<std::uint16_t>(record, 20))
        return at;
    }
    fail("the directory of the archive is missing or damaged; the file may be cut off");
  }

  // The ZIP64 end record that the locator before the end record names, if there is a locator.
  std::optional<std::uint64_t> find_zip64_end_record(std::uint64_t end_record) const {
    if (end_record < kZip64EndLocatorSize + kZip64EndRecordSize) return std::nullopt;
    const std::uint64_t locator_at = end_record - kZip64EndLocatorSize;
    const std::string_view locator = archive_.substr(locator_at, kZip64EndLocatorSize);
    if (!is_signed(locator, "PK\x06\x07")) return std::nullopt;
    if (number<std::uint32_t>(locator, 4) != 0 || number<std::uint32_t>(locator, 16) > 1) fail_several_disks();
    const auto fits = [&](std::uint64_t at) {
      return at <= locator_at - kZip64EndRecordSize && is_signed(archive_.substr(at), "PK\x06\x06") &&
             number<std::uint64_t>(archive_, at + 4) == locator_at - at - 12;  // 4.3.14.1: without its first 12 bytes
    };
    // Behind prefix bytes the offset is too small; the record then has its usual size.
    const auto claimed = number<std::uint64_t>(locator, 8);
    if (fits(claimed)) return claimed;
    if (claimed < locator_at && fits(locator_at - kZip64EndRecordSize)) return locator_at - kZip64EndRecordSize;
    fail("the ZIP64 end record of the archive is missing or damaged");
  }

  [[noreturn]] void fail_several_disks() const { fail("the archive is split over several disks; it must be one file"); }

  Directory find_directory() const {
    Directory found;
    found.end = find_end_record();
    const std::string_view record = archive_.substr(found.end);
    std::uint64_t disk = number<std::uint16_t>(record, 4), directory_disk = number<std::uint16_t>(record, 6);
    std::uint64_t members_here = number<std::uint16_t>(record, 8), size = number<std::uint32_t>(record, 12);
    std::uint64_t offset = number<std::uint32_t>(record, 16);
    found.members = number<std::uint16_t>(record, 10);
    if (const auto at = find_zip64_end_record(found.end)) {
      found.end = *at;
      const std::string_view wide = archive_.substr(*at, kZip64EndRecordSize);
      const auto take = [&](std::uint64_t& value, std::uint64_t in_zip64, std::uint64_t wide_value) {
        if (value != in_zip64 && value != wide_value) fail("the end record and the ZIP64 end record disagree");
        value = wide_value;
      };
      take(disk, kInZip64Short, number<std::uint32_t>(wide, 16));
      take(directory_disk, kInZip64Short, number<std::uint32_t>(wide, 20));
      take(members_here, kInZip64Short, number<std::uint64_t>(wide, 24));
      take(found.members, kInZip64Short, number<std::uint64_t>(wide, 32));
      take(size, kInZip64, number<std::uint64_t>(wide, 40));
      take(offset, kInZip64, number<std::uint64_t>(wide, 48));
    }
    if (disk != 0 || directory_disk != 0 || members_here != found.members) fail_several_disks();
    if (found.members < 1 || found.members > kMaxMembers)
      fail(fmt::format("{} members are outside 1..{}", found.members, kMaxMembers));
    if (size > found.end || offset > found.end - size)
      fail(fmt::format("a directory of {} bytes at byte {} goes beyond the end record, byte {}", size, offset,
                       found.end));
    found.begin = found.end - size;
    found.prefix = found.begin - offset;
    return found;
  }

  std::vector<Entry> read_central_headers() const {
    std::vector<Entry> entries;
    entries.reserve(directory_.members);
    std::string_view rest = archive_.substr(directory_.begin, directory_.end - directory_.begin);
    while (entries.size() < directory_.members && rest.size() >= kCentralHeaderSize && is_signed(rest, "PK\x01\x02")) {
      const std::uint64_t name = number<std::uint16_t>(rest, 28), extra = number<std::uint16_t>(rest, 30);
      const std::uint64_t length = kCentralHeaderSize + name + extra + number<std::uint16_t>(rest, 32);
      if (length > rest.size()) break;
      entries.push_back(read_central_header(rest.substr(0, length), name, extra));
      rest.remove_prefix(length);
    }
    if (entries.size() < directory_.members)
      fail(fmt::format("the directory lists {} members, {} are there", directory_.members, entries.size()));
    if (!rest.empty()) fail(fmt::format("the directory goes on behind its {} members", directory_.members));
    return entries;
  }

  Entry read_central_header(std::string_view header, std::uint64_t name_size, std::uint64_t extra_size) const {
    Entry entry;
    entry.name = header.substr(kCentralHeaderSize, name_size);
    if (name_size == 0 || name_size > kMaxNameBytes)
      fail(fmt::format("a member's name has {} bytes, outside 1..{}", name_size, kMaxNameBytes));
    std::string_view zip64 = find_zip64_field(entry.name, header.substr(kCentralHeaderSize + name_size, extra_size));
    entry.claims = {.flags = number<std::uint16_t>(header, 8),
                    .method = number<std::uint16_t>(header, 10),
                    .crc = number<std::uint32_t>(header, 16),
                    .packed_size = number<std::uint32_t>(header, 20),
                    .size = number<std::uint32_t>(header, 24)};
    entry.local_header = number<std::uint32_t>(header, 42);
    take_sizes(entry.name, entry.claims, zip64);
    widen(entry.name, entry.local_header, zip64);
    const auto disk = number<std::uint16_t>(header, 34);
    if (disk != 0 && !(disk == kInZip64Short && zip64.size() >= 4 && number<std::uint32_t>(zip64, 0) == 0))
      fail(entry.name, fmt::format("is on disk {}; the archive must be one file", disk));
    return entry;
  }

  // Returns the values of the ZIP64 extra field, or empty. Up to 3 bytes of padding may end the extra fields.
  std::string_view find_zip64_field(std::string_view member, std::string_view extra) const {
    std::optional<std::string_view> found;
    while (extra.size() >= kExtraHeaderSize) {
      const std::uint64_t size = number<std::uint16_t>(extra, 2);
      if (size > extra.size() - kExtraHeaderSize) fail(member, "its extra fields are damaged");
      if (number<std::uint16_t>(extra, 0) == kZip64Id) {
        if (found) fail(member, "has two ZIP64 fields");
        found = extra.substr(kExtraHeaderSize, size);
      }
      extra.remove_prefix(kExtraHeaderSize + size);
    }
    return found.value_or(std::string_view());
  }

  // 4.5.3: the ZIP64 field holds, in this order, only values too large for the header: size, packed size, offset.
  void take_sizes(std::string_view member, Claims& claims, std::string_view& zip64) const {
    widen(member, claims.size, zip64);
    widen(member, claims.packed_size, zip64);
  }
  void widen(std::string_view member, std::uint64_t& value, std::string_view& zip64) const {
    if (value != kInZip64) return;
    if (zip64.size() < sizeof value) fail(member, "its ZIP64 field is missing or too short");
    value = number<std::uint64_t>(zip64, 0);
    zip64.remove_prefix(sizeof value);
  }

  // Finds the data behind the local header and compares the two headers.
  ZipMember locate(Entry& entry) const {
    const Claims& central = entry.claims;
    if ((central.flags & kEncrypted) != 0) fail(entry.name, "is encrypted");
    if (central.method != kStored && central.method != kDeflated)
      fail(entry.name, fmt::format("compression method {} is neither stored (0) nor deflate (8)", central.method));
    const std::uint64_t limit = directory_.begin - directory_.prefix;
    if (entry.local_header > limit || limit - entry.local_header < kLocalHeaderSize)
      fail(entry.name, fmt::format("its header at byte {} is outside 0..{}", entry.local_header, limit));
    entry.begin = directory_.prefix + entry.local_header;
    const std::string_view header = archive_.substr(entry.begin, directory_.begin - entry.begin);
    if (!is_signed(header, "PK\x03\x04")) fail(entry.name, "its header is damaged");
    const std::uint64_t name = number<std::uint16_t>(header, 26), extra = number<std::uint16_t>(header, 28);
    const std::uint64_t data = kLocalHeaderSize + name + extra;
    if (data > header.size() || central.packed_size > header.size() - data)
      fail(entry.name,
           fmt::format("its {} bytes go beyond the directory, byte {}", central.packed_size, directory_.begin));
    if (header.substr(kLocalHeaderSize, name) != entry.name) fail(entry.name, "has another name in its header");
    require_agreement(entry, header, header.substr(kLocalHeaderSize + name, extra));
    if (central.method == kStored && central.packed_size != central.size)
      fail(entry.name, "is stored, yet its two sizes differ");
    if (central.method == kDeflated && central.size / kMaxInflation > central.packed_size)
      fail(entry.name, "claims an impossible size");
    entry.end = entry.begin + data + central.packed_size;
    return {.name = entry.name,
            .packed = header.substr(data, central.packed_size),
            .size = central.size,
            .crc = central.crc,
            .deflated = central.method == kDeflated};
  }

  void require_agreement(const Entry& entry, std::string_view header, std::string_view extra) const {
    Claims local{.flags = number<std::uint16_t>(header, 6),
                 .method = number<std::uint16_t>(header, 8),
                 .crc = number<std::uint32_t>(header, 14),
                 .packed_size = number<std::uint32_t>(header, 18),
                 .size = number<std::uint32_t>(header, 22)};
    std::string_view zip64 = find_zip64_field(entry.name, extra);
    take_sizes(entry.name, local, zip64);
    if ((local.flags & kEncrypted) != 0) fail(entry.name, "is encrypted");
    // A writer that cannot go back leaves 0 and puts the values behind the data (4.3.9).
    const bool may_be_0 = (local.flags & kHasDescriptor) != 0;
    const auto require_equal = [&](std::string_view what, std::uint64_t here, std::uint64_t there, bool optional) {
      if (here == there || (optional && here == 0)) return;
      fail(entry.name, fmt::format("its {} is {} in its header, {} in the directory", what, here, there));
    };
    require_equal("method", local.method, entry.claims.method, false);
    require_equal("CRC-32", local.crc, entry.claims.crc, may_be_0);
    require_equal("packed size", local.packed_size, entry.claims.packed_size, may_be_0);
    require_equal("size", local.size, entry.claims.size, may_be_0);
  }

  void refuse_overlaps(std::vector<Entry>& entries) const {
    std::ranges::sort(entries, {}, &Entry::begin);
    for (std::size_t i = 1; i < entries.size(); ++i) {
      if (entries[i].begin < entries[i - 1].end)
        fail(entries[i].name, fmt::format("overlaps member {}", without_npy(entries[i - 1].name)));
    }
  }

  const std::string& file_name_;
  std::string_view archive_;
  Directory directory_;
};

}  // namespace

std::vector<ZipMember> read_zip_directory(const std::string& file_name, std::string_view archive) {
  return DirectoryReader(file_name, archive).read();
}

std::string inflate(const std::string& file_name, const ZipMember& member) {
  struct Stream : z_stream {
    Stream() : z_stream{} {
      if (::inflateInit2(this, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
    }
    ~Stream() { ::inflateEnd(this); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
  };
  constexpr std::uint64_t kPiece = std::uint64_t{1} << 30;  // zlib counts the bytes of a call in 32 bits
  std::string bytes(member.size, '\0');
  Stream stream;
  std::uint64_t taken = 0, filled = 0;
  char beyond = 0;
  bool goes_on = false;  // there is a byte too many
  int result = Z_OK;
  while (result == Z_OK && !goes_on) {
    const auto in = static_cast<uInt>(std::min(kPiece, member.packed.size() - taken));
    const auto room = static_cast<uInt>(std::min(kPiece, member.size - filled));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(member.packed.data() + taken));
    stream.avail_in = in;
    stream.next_out = reinterpret_cast<Bytef*>(room > 0 ? bytes.data() + filled : &beyond);
    stream.avail_out = room > 0 ? room : 1;
    result = ::inflate(&stream, Z_NO_FLUSH);
    taken += in - stream.avail_in;
    if (room > 0) {
      filled += room - stream.avail_out;
    } else {
      goes_on = stream.avail_out == 0;
    }
  }
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  if (result != Z_STREAM_END || goes_on || filled != member.size || taken != member.packed.size())
    throw FormatError(file_name, fmt::format("member {}: does not inflate to the {} bytes that the directory claims",
                                             without_npy(member.name), member.size));
  return bytes;
}

std::string_view without_npy(std::string_view member_name) {
  constexpr std::string_view kSuffix = ".npy";
  return member_name.ends_with(kSuffix) ? member_name.substr(0, member_name.size() - kSuffix.size()) : member_name;
}

}  // namespace xmr
