#pragma once
// Numbers different texts, in the order in which they come first, and sorts them.
//
//   TextNumbers texts;
//   texts.number("libc6")   0          texts.number("zlib1g")   1          texts.number("libc6")   0
//   texts.increasing()      the numbers by bytewise order of their texts
//
// Memory: each text once and 25 to 38 bytes a text, 4 more once sorted. Cost: one look-up of a hash for each call.
// Errors: as WordCollector. Thread rule: one thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/featurize/word_table.hpp"

namespace xmr {

class TextNumbers {
 public:
  // Returns the number of a text, which is a new one if the text is new.
  std::uint32_t number(std::string_view text) { return texts_.number(text, word_hash(text)); }

  std::size_t size() const { return texts_.size(); }
  // Valid until the next text is new.
  std::string_view text(std::uint32_t number) const { return texts_.word(number); }
  // Sorts the texts once, and again if there are new ones.
  std::span<const std::uint32_t> increasing();

 private:
  WordCollector texts_;
  std::vector<std::uint32_t> increasing_;
};

}  // namespace xmr
