#pragma once
// The sources of completions (completer.hpp) and their names.

#include <string_view>

namespace xmr {

enum class CompletionSource { fused, popular, pairs, tree };

std::string_view name_of(CompletionSource source);

// If no source has the name, throws ConfigError.
CompletionSource parse_completion_source(std::string_view name);

}  // namespace xmr
