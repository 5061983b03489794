#pragma once
// --preset: the settings of another program, to compare with it.

#include "xmr/util/enum_names.hpp"

namespace xmr {

namespace tools {
enum class Preset { pecos };
}

template <>
struct EnumNames<tools::Preset> {
  static constexpr EnumName<tools::Preset> kTable[] = {{tools::Preset::pecos, "pecos"}};
};

}  // namespace xmr
