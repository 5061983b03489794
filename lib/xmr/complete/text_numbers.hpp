#pragma once
// Numbers different texts, in the order in which they come first.
//
//   TextNumbers texts;
//   texts.number("libc6")   0          texts.number("zlib1g")   1          texts.number("libc6")   0
//   texts.increasing()      the numbers by bytewise order of their texts
//
// Memory: each text once, 8 bytes a text and 16 to 32 for the hash table. Cost: one look-up of a hash for each call.
// Errors: DataError for 2^32 - 1 texts or more. Thread rule: const methods from any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "xmr/io/names.hpp"

namespace xmr {

class TextNumbers {
 public:
  // Returns the number of a text, which is a new one if the text is new.
  std::uint32_t number(std::string_view text);
  std::optional<std::uint32_t> find(std::string_view text) const;

  std::size_t size() const { return texts_.size(); }
  // The texts by number; valid until the next text is new.
  StringTable texts() const { return texts_.view(); }
  std::vector<std::uint32_t> increasing() const;

 private:
  struct Slot {
    std::uint32_t hash = 0;    // its upper bits
    std::uint32_t number = 0;  // plus 1; 0: empty
  };
  std::size_t slot_of(std::string_view text, std::uint64_t hash) const;
  void grow();

  StringTableBuilder texts_;
  std::vector<Slot> slots_ = std::vector<Slot>(16);  // open addressing, at most half full
};

}  // namespace xmr
