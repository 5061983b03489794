#pragma once
// The commands of xmr-predict beside the one without a name, one file each.

#include "common/tool.hpp"

namespace xmr::tools {

void add_fuse(Tool& tool);
void add_merge(Tool& tool);
void add_type(Tool& tool);

}  // namespace xmr::tools
