#pragma once
// A ZIP archive of stored members as other programs write it: no ZIP64, no alignment, no meta.json. For tests of what
// readers make of foreign .npz files.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmr::test {

// PKWARE's APPNOTE, sections 4.3.7 (local header), 4.3.12 (directory) and 4.3.16 (end of the directory).
class PlainZip {
 public:
  PlainZip& add(std::string_view name, std::string_view content) {
    const std::string header = number(20, 2) + number(0, 8) + number(crc32(content), 4) + number(content.size(), 4) +
                               number(content.size(), 4) + number(name.size(), 2) + number(0, 2);
    directory_.append("PK\x01\x02").append(number(20, 2)).append(header);
    directory_.append(number(0, 10)).append(number(members_.size(), 4)).append(name);
    members_.append("PK\x03\x04").append(header).append(name).append(content);
    ++count_;
    return *this;
  }

  std::string bytes() const {
    return members_ + directory_ + "PK\x05\x06" + number(0, 4) + number(count_, 2) + number(count_, 2) +
           number(directory_.size(), 4) + number(members_.size(), 4) + number(0, 2);
  }

 private:
  static std::string number(std::uint64_t value, int width) {  // little-endian
    std::string text;
    for (int i = 0; i < width; ++i, value >>= 8)
      text += static_cast<char>(value & 255U);
    return text;
  }

  static std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = ~0U;
    for (const char byte : bytes) {
      crc ^= static_cast<unsigned char>(byte);
      for (int bit = 0; bit < 8; ++bit)
        crc = (crc >> 1) ^ ((crc & 1U) * 0xEDB88320U);
    }
    return ~crc;
  }

  std::string members_, directory_;
  std::uint64_t count_ = 0;
};

}  // namespace xmr::test
