#pragma once
// Everything that can be checked of a file.

#include <string>

namespace xmr::tools {

// "ok: ..." and what was checked, by a path that can be opened again. xmr::Error if anything is wrong: on a file of
// ours any changed bit is.
std::string check_file(const std::string& path);

}  // namespace xmr::tools
