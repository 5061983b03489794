#pragma once
// The commands of xmr-inspect, one file each.

#include "common/tool.hpp"

namespace xmr::tools {

void add_show(Tool& tool);
void add_verify(Tool& tool);
void add_convert(Tool& tool);
void add_slice(Tool& tool);
void add_concat(Tool& tool);
void add_prune(Tool& tool);
void add_split(Tool& tool);
void add_import_pecos(Tool& tool);
void add_export_pecos(Tool& tool);

}  // namespace xmr::tools
