#pragma once
// What a file is and what it holds, as JSON. docs/xmr-inspect.md lists the names by kind of file.

#include <string>

#include "xmr/io/json.hpp"

namespace xmr::tools {

// Any file, by a path that can be opened again. Errors: those of its reader; a file that cannot be read cannot be
// shown.
nlohmann::ordered_json describe(const std::string& path);

}  // namespace xmr::tools
