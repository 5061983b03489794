#pragma once
// Groups texts that differ only in separators, case, accents, plural or the order of words.
//
//   NearEqual near;
//   near.group("wi-fi cables");    // 0
//   near.group("cable wifi");      // 1: neither form is equal
//   near.group("cables wi fi");    // 0: the same words
//   near.group("wifi cable");      // 0: the same letters in the same order
//
// A text has two forms: its words (words.hpp), each without the plural, one behind the other without separators; and
// the same words sorted. A text joins the first group that has one of its forms. A word of four or more
// letters ends in a plural if it ends in s but not in ss; of five or more, ies is y. Cost: about 1 µs a text. Thread
// rule: one object a thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xmr/complete/words.hpp"
#include "xmr/featurize/query_text.hpp"

namespace xmr {

class NearEqual {
 public:
  void clear() { groups_.clear(), count_ = 0; }
  // Returns the group of a text, from 0. A text without words has a group of its own.
  std::size_t group(std::string_view text);

 private:
  QueryNormalizer normal_;
  Words words_;
  std::vector<std::string> singular_;
  std::string in_order_, sorted_;
  std::unordered_map<std::string, std::size_t> groups_;  // by form
  std::size_t count_ = 0;
};

}  // namespace xmr
