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

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";
  if (!text.empty() && text.front() != '-' && text.find_first_not_of(kPlain) == std::string_view::npos)
    return std::string(text);
  std::string word = text.starts_with('-') ? "'./" : "'";
  for (const char c : text)
    word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string changed_by(std::string_view program, std::string_view file, std::string_view ending) {
  if (file == "<stdin>") return {};
  return fmt::format("{} {} > {}", program, shell_word(file), shell_word(fmt::format("{}.{}", file, ending)));
}

}  // namespace xmr
