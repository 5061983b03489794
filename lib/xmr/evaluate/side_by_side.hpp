#pragma once
// The first k answers of several systems side by side, row by row: an HTML page that needs no other file, or text for
// a terminal.
//
// Relevant answers are green, others red. Text without colour marks relevant answers by "+". Relevant labels that no
// system answers are listed below each row. Thread rule: pure functions.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/predictions.hpp"

namespace xmr {

struct SideBySide {
  struct System {
    std::string name;
    CsrView ranked;  // in rank order, with the shape of the truth
  };
  struct Instance {
    Row row;
    std::string text;  // empty if unknown
  };

  CsrView truth;
  std::vector<System> systems;
  std::vector<Instance> instances;  // the rows to show
  std::uint32_t k = 10;             // the answers to show of each system
  LabelKey key = nullptr;           // null: ids
};

std::string format_html(const SideBySide& page);
std::string format_text(const SideBySide& page, bool colour);

}  // namespace xmr
