#pragma once
// The commands of xmr-featurize, one file each.

#include "common/tool.hpp"

namespace xmr::tools {

void add_fit(Tool& tool);
void add_merge(Tool& tool);
void add_apply(Tool& tool);
void add_import(Tool& tool);
void add_sessions(Tool& tool);
void add_labels(Tool& tool);

}  // namespace xmr::tools
