#pragma once
// Words and their numbers. WordTable looks words up in foreign memory (a mapped file). WordCollector numbers words from
// 0 on. Thread rule: const methods from any thread.

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "xmr/featurize/hash_slots.hpp"
#include "xmr/io/names.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

// The hash of a word, part of the file format. Never kNoEntry, so a hash can be a symbol.
inline std::uint32_t word_hash(std::string_view word) {
  const auto hash = static_cast<std::uint32_t>(hash64(word) >> 32);
  return hash == kNoEntry ? 0 : hash;
}

// Equality of words of up to 16 bytes without a call.
inline bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto same_ends = [&]<class T>(T) {  // the first and last sizeof(T) bytes
    T x, y, u, v;
    std::memcpy(&x, a.data(), sizeof x);
    std::memcpy(&y, b.data(), sizeof y);
    std::memcpy(&u, a.data() + a.size() - sizeof u, sizeof u);
    std::memcpy(&v, b.data() + b.size() - sizeof v, sizeof v);
    return x == y && u == v;
  };
  if (a.size() > 16) return a == b;
  if (a.size() >= 8) return same_ends(std::uint64_t{});
  if (a.size() >= 4) return same_ends(std::uint32_t{});
  if (a.size() >= 2) return same_ends(std::uint16_t{});
  return a.empty() || a[0] == b[0];
}

// Looks words up in steps, so that the memory accesses of many overlap: prefetch(hash) for all of them, then
// prefetch_likely(hash), prefetch_text(likely), number(word, hash, likely). Only the last step compares words.
class WordTable {
 public:
  WordTable() = default;
  WordTable(SlotView slots, const StringTable& words) : slots_(slots), words_(words), size_(words.size()) {}

  void prefetch(std::uint32_t hash) const { slots_.prefetch(hash); }
  std::uint32_t prefetch_likely(std::uint32_t hash) const {
    const std::uint32_t likely = slots_.likely(hash);
    if (likely < size_) __builtin_prefetch(words_.offsets.data() + likely);
    return likely;
  }
  void prefetch_text(std::uint32_t likely) const {
    if (likely < size_) __builtin_prefetch(words_.blob.data() + words_.offsets[likely]);
  }
  // Returns the word's number, or kNoEntry. A slot with an invalid number (a damaged file) matches nothing.
  std::uint32_t number(std::string_view word, std::uint32_t hash, std::uint32_t likely) const {
    const auto is_it = [&](std::uint32_t i) { return i < size_ && same_word(words_[i], word); };
    if (likely == kNoEntry || is_it(likely)) return likely;
    return slots_.find(hash, is_it);
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
  std::uint32_t prefetch_likely(std::uint32_t hash) const {
    const std::uint32_t likely = slots_.view().likely(hash);
    if (likely != kNoEntry) __builtin_prefetch(words_.view().offsets.data() + likely);
    return likely;
  }
  void prefetch_text(std::uint32_t likely) const {
    if (likely != kNoEntry) __builtin_prefetch(word(likely).data());
  }
  // Returns the word's number, a new one if needed. If there are more than 32 bits can number, throws DataError.
  std::uint32_t number(std::string_view word, std::uint32_t hash, std::uint32_t likely) {
    return likely != kNoEntry && same_word(this->word(likely), word) ? likely : number(word, hash);
  }
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
