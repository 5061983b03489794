#pragma once
// Packs text with the libraries of the four formats that the tools read.

#include <string>
#include <string_view>

#include "xmr/io/packing.hpp"

namespace xmr::test {

// One member, frame or stream.
std::string packed(Packing packing, std::string_view text);

}  // namespace xmr::test
