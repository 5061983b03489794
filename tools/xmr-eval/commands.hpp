#pragma once
// The commands of xmr-eval beside the one without a name, one file each.

#include "common/tool.hpp"

namespace xmr::tools {

void add_fit_calibration(Tool& tool);
void add_fit_fusion(Tool& tool);

}  // namespace xmr::tools
