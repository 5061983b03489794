#include "xmr/predict/completion_source.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::array<std::string_view, 4> kSourceNames = {"fused", "popular", "pairs", "tree"};

}  // namespace

std::string_view name_of(CompletionSource source) {
  return kSourceNames[static_cast<std::size_t>(source)];
}

CompletionSource parse_completion_source(std::string_view name) {
  const auto found = std::ranges::find(kSourceNames, name);
  if (found == kSourceNames.end())
    throw ConfigError(fmt::format("source: {} is none of {}", quote(name), fmt::join(kSourceNames, ", ")));
  return static_cast<CompletionSource>(found - kSourceNames.begin());
}

}  // namespace xmr
