#pragma once
// Inputs that are read more than once: first for their kind, then for their content.

#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/file.hpp"

namespace xmr::tools {

// Returns the paths, with "-" and named pipes replaced by paths that can be opened again. The content of a pipe is
// copied to an unlinked temporary file. Throws ConfigError if "-" is given twice, or if stdin is a terminal.
std::vector<std::string> reopenable(std::vector<std::string> paths);

// Returns the kind of a file by its first bytes.
FileKind kind_of(const std::string& path);

}  // namespace xmr::tools
