#pragma once
// The files of the page, compiled into the program from tools/xmr-serve/page/ (CMake writes the source).

#include <vector>

#include "xmr/serve/api.hpp"

namespace xmr::tools {

std::vector<serve::PageFile> page_files();

}  // namespace xmr::tools
