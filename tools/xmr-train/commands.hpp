#pragma once
// The commands of xmr-train, one file each; plan, part, match and merge are in parts.cpp.

#include "common/tool.hpp"

namespace xmr::tools {

// Adds `linear`, and makes it the command that runs when the first argument names no command.
void add_linear(Tool& tool);
void add_bm25(Tool& tool);
void add_completion(Tool& tool);
void add_update(Tool& tool);
void add_retrieval(Tool& tool);
void add_parts(Tool& tool);

}  // namespace xmr::tools
