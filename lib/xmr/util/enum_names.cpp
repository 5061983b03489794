#include "xmr/util/enum_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr::enum_names {

void refuse(std::string_view what, std::string_view text, std::span<const std::string_view> names) {
  throw ConfigError(fmt::format("{}: {} is not one of {}", what, quote(text), fmt::join(names, "|")));
}

}  // namespace xmr::enum_names
