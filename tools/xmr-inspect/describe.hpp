#pragma once
// The kind and the content of a file, as JSON. docs/xmr-inspect.md lists the names by kind of file.

#include <string>

#include "xmr/io/json.hpp"

namespace xmr::tools {

// Describes any file. `path` must be one that can be opened again. Throws as the reader of the file does.
Json describe(const std::string& path);

}  // namespace xmr::tools
