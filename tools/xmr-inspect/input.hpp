#pragma once
// Inputs that are looked at more than once: first for what they are, then for what they hold.

#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/file.hpp"

namespace xmr::tools {

// The same paths, but "-" and pipes with a name are replaced by paths that can be opened again and again; what comes
// from a pipe is copied to an unlinked temporary file first. ConfigError if "-" is given twice, or for a terminal.
std::vector<std::string> reopenable(std::vector<std::string> paths);

// What a file is, told from its bytes.
FileKind kind_of(const std::string& path);

}  // namespace xmr::tools
