#pragma once
// All checks of a file.

#include <string>

namespace xmr::tools {

// Returns "ok: ..." and the checks made. `path` must be one that can be opened again. Throws xmr::Error if a check
// fails: in a file of these tools, any changed bit fails one.
std::string check_file(const std::string& path);

}  // namespace xmr::tools
