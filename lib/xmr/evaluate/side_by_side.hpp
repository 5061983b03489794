#pragma once
// The first answers of several systems next to each other, row by row, the right ones marked: for people who want to
// see what a figure stands for. As an HTML page that needs no other file, or as text for a terminal.
//
// Right answers are green, wrong ones red; without colour, right ones have a "+" before them. Relevant labels that no
// system has among its first k are listed, too. Thread rule: pure functions.

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
    CsrView ranked;  // in rank order, of the truth's shape
  };
  struct Instance {
    Row row;
    std::string text;  // empty if it is not known
  };

  CsrView truth;
  std::vector<System> systems;
  std::vector<Instance> instances;  // those that are shown
  std::uint32_t k = 10;             // answers shown of each system
  LabelKey key = nullptr;           // absent: ids
};

std::string format_html(const SideBySide& page);
std::string format_text(const SideBySide& page, bool colour);

}  // namespace xmr
