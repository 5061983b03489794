#pragma once
// Numbers with a plus sign in front, which strtod, Python and scikit-learn read and std::from_chars does not.
// Thread rule: pure function.

#include <string_view>

namespace xmr {

// `text` without the plus sign that stands before a digit or a point.
inline std::string_view without_plus(std::string_view text) {
  const bool signs_number = text.size() > 1 && text[0] == '+' && ((text[1] >= '0' && text[1] <= '9') || text[1] == '.');
  return signs_number ? text.substr(1) : text;
}

}  // namespace xmr
