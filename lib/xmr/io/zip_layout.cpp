#include "xmr/io/zip_layout.hpp"

#include <algorithm>

namespace xmr {
namespace {

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint64_t kFixedDate = 0x00210000;            // 1980-01-01 00:00
constexpr std::uint16_t kPaddingId = 0xD935;                // "alignment" of Android's zipalign
constexpr std::uint64_t kVersion = 20, kZip64Version = 45;  // of the ZIP format, times 10
constexpr std::uint64_t kAllOnes16 = 0xffff, kAllOnes32 = 0xffffffff;

// Positions and lengths in PKWARE's APPNOTE 4.3.7 and 4.3.12, in bytes.
constexpr std::uint64_t kLocalHeaderBytes = 30, kZip64FieldBytes = 20, kFieldHeaderBytes = 4;
constexpr std::uint64_t kLocalNameLength = 26, kLocalCrc = 14, kCentralCrc = 16;

// Appends `value` in `width` bytes, little-endian; all ones if it has no room.
void put(std::string& record, std::uint64_t value, int width) {
  if (width < 8 && (value >> (8 * width)) != 0) value = ~std::uint64_t{0};
  for (int i = 0; i < width; ++i, value >>= 8)
    record += static_cast<char>(value & 255U);
}

// CRC-32 and both sizes.
void put_sizes(std::string& header, std::uint32_t crc, std::uint64_t size) {
  put(header, crc, 4);
  put(header, size, 4);
  put(header, size, 4);
}

// The extra field that puts the data at a multiple of kAlignment. Its header, a ZIP64 field and the data follow `at`.
std::string padding_field(std::uint64_t at) {
  const std::uint64_t fixed = at + kFieldHeaderBytes + kZip64FieldBytes;
  const std::uint64_t zeros = (kAlignment - fixed % kAlignment) % kAlignment;
  std::string field;
  put(field, kPaddingId, 2);
  put(field, zeros, 2);
  return field.append(zeros, '\0');
}

}  // namespace

std::string ZipLayout::add(std::string_view name, std::uint64_t size, std::uint32_t crc) {
  std::string extra = padding_field(end_ + kLocalHeaderBytes + name.size());
  put(extra, 1, 2);  // ZIP64. PECOS's reader takes the sizes from here, also where the header has them.
  put(extra, 16, 2);
  put(extra, size, 8);
  put(extra, size, 8);
  std::string local = "PK\x03\x04";
  put(local, kZip64Version, 2);
  put(local, 0, 4);  // flags, method
  put(local, kFixedDate, 4);
  put_sizes(local, crc, size);
  put(local, name.size(), 2);
  put(local, extra.size(), 2);
  local.append(name).append(extra);

  std::string zip64;
  if (size >= kAllOnes32) {
    put(zip64, size, 8);
    put(zip64, size, 8);
  }
  if (end_ >= kAllOnes32) put(zip64, end_, 8);
  last_central_header_ = central_headers_.size();
  std::string& central = central_headers_.append("PK\x01\x02");
  put(central, zip64.empty() ? 0 : kZip64Version, 2);  // made by
  put(central, zip64.empty() ? kVersion : kZip64Version, 2);
  put(central, 0, 4);  // flags, method
  put(central, kFixedDate, 4);
  put_sizes(central, crc, size);
  put(central, name.size(), 2);
  put(central, zip64.empty() ? 0 : kFieldHeaderBytes + zip64.size(), 2);
  put(central, 0, 6);  // comment, disk, internal attributes
  put(central, 0, 4);  // external attributes
  put(central, end_, 4);
  central.append(name);
  if (!zip64.empty()) {
    put(central, 1, 2);
    put(central, zip64.size(), 2);
    central.append(zip64);
  }

  last_local_header_ = end_;
  end_ += local.size() + size;
  ++members_;
  return local;
}

std::uint64_t ZipLayout::set_crc(std::uint32_t crc) {
  std::string bytes;
  put(bytes, crc, 4);
  central_headers_.replace(last_central_header_ + kCentralCrc, bytes.size(), bytes);
  return last_local_header_ + kLocalCrc;
}

std::string ZipLayout::directory() const {
  std::string records = central_headers_;
  const std::uint64_t end = end_ + records.size();
  if (end_ >= kAllOnes32 || central_headers_.size() >= kAllOnes32 || members_ >= kAllOnes16) {
    records += "PK\x06\x06";
    put(records, 44, 8);  // bytes that follow
    put(records, kZip64Version, 2);
    put(records, kZip64Version, 2);
    put(records, 0, 8);  // disks
    put(records, members_, 8);
    put(records, members_, 8);
    put(records, central_headers_.size(), 8);
    put(records, end_, 8);
    records += "PK\x06\x07";
    put(records, 0, 4);  // disk
    put(records, end, 8);
    put(records, 1, 4);  // disks
  }
  records += "PK\x05\x06";
  put(records, 0, 4);  // disks
  put(records, members_, 2);
  put(records, members_, 2);
  put(records, central_headers_.size(), 4);
  put(records, end_, 4);
  put(records, 0, 2);  // comment
  return records;
}

bool has_our_padding(std::string_view archive) {
  const auto short_at = [&](std::uint64_t i) {
    const auto byte = [&](std::uint64_t at) {
      return at < archive.size() ? static_cast<unsigned char>(archive[at]) : 0U;
    };
    return byte(i) | byte(i + 1) << 8;
  };
  return short_at(kLocalHeaderBytes + short_at(kLocalNameLength)) == kPaddingId;
}

}  // namespace xmr
