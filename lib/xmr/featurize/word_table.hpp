#pragma once
// Words and their numbers. WordTable looks words up in memory that somebody else holds (a mapped file); WordCollector
// numbers the words it meets from 0 on.
// Thread rule: const methods from any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/featurize/hash_slots.hpp"
#include "xmr/io/names.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

// The hash by which words are found; part of the file format. Never kNoEntry, so that it can stand for a symbol.
inline std::uint32_t word_hash(std::string_view word) {
  const auto hash = static_cast<std::uint32_t>(hash64(word) >> 32);
  return hash == kNoEntry ? 0 : hash;
}

class WordTable {
 public:
  WordTable() = default;
  WordTable(SlotView slots, const StringTable& words) : slots_(slots), words_(words), size_(words.size()) {}

  void prefetch(std::uint32_t hash) const { slots_.prefetch(hash); }
  // The word's number, or kNoEntry. A slot whose number is no word (a damaged file) matches nothing.
  std::uint32_t number(std::string_view word, std::uint32_t hash) const {
    return slots_.find(hash, [&](std::uint32_t i) { return i < size_ && words_[i] == word; });
  }
  // "" for a number that is no word.
  std::string_view word(std::uint32_t i) const { return i < size_ ? words_[i] : std::string_view(); }
  const StringTable& words() const { return words_; }
  SlotView slots() const { return slots_; }

 private:
  SlotView slots_;
  StringTable words_;
  std::size_t size_ = 0;
};

class WordCollector {
 public:
  void prefetch(std::uint32_t hash) const { slots_.view().prefetch(hash); }
  // The word's number, a new one if need be. DataError if there are more than 32 bits can number.
  std::uint32_t number(std::string_view word, std::uint32_t hash);

  std::size_t size() const { return hashes_.size(); }
  std::string_view word(std::uint32_t i) const { return words_.view()[i]; }
  std::uint32_t hash(std::uint32_t i) const { return hashes_[i]; }

 private:
  SlotTable slots_;
  StringTableBuilder words_;
  std::vector<std::uint32_t> hashes_;
};

}  // namespace xmr
