#include "xmr/util/quote.hpp"

#include <fmt/format.h>

namespace xmr {

std::string quote(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  std::string quoted = "'";
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f)
      quoted += c;
    else
      quoted += fmt::format("\\x{:02x}", byte);
  }
  quoted += text.size() > kLongest ? "...'" : "'";
  return quoted;
}

}  // namespace xmr
