#pragma once
// The index of a hash table with numbered entries elsewhere: open addressing with linear probing over slots {hash,
// number of the entry}. The caller compares the entry itself, so equal hashes are never confused. The position of a
// hash grows with it (hash × capacity / 2^32), so tables of any capacity work and growth goes in memory order.
//
// SlotView uses foreign memory (a mapped file) and terminates on any content. SlotTable owns its slots and grows.
// Thread rule: const methods from any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace xmr {

inline constexpr std::uint32_t kNoEntry = 0xFFFFFFFF;  // as an entry's number: none; as a symbol: unknown

struct Slot {
  std::uint32_t hash = 0;
  std::uint32_t entry = kNoEntry;
};

class SlotView {
 public:
  SlotView() = default;
  explicit SlotView(std::span<const Slot> slots) : slots_(slots) {}

  std::span<const Slot> slots() const { return slots_; }

  void prefetch(std::uint32_t hash) const { __builtin_prefetch(slots_.data() + place(hash)); }

  // Returns the first entry with this hash without comparing it: nearly always the wanted one.
  std::uint32_t likely(std::uint32_t hash) const {
    return find(hash, [](std::uint32_t) { return true; });
  }
  // Returns the entry with this hash for which equal(entry) is true, or kNoEntry.
  template <class Equal>
  std::uint32_t find(std::uint32_t hash, Equal&& equal) const {
    std::size_t at = place(hash);
    for (std::size_t probes = 0; probes < slots_.size(); ++probes) {
      const Slot slot = slots_[at];
      if (slot.entry == kNoEntry) return kNoEntry;
      if (slot.hash == hash && equal(slot.entry)) return slot.entry;
      if (++at == slots_.size()) at = 0;
    }
    return kNoEntry;
  }

 private:
  std::size_t place(std::uint32_t hash) const { return (std::uint64_t{hash} * slots_.size()) >> 32; }

  std::span<const Slot> slots_;
};

class SlotTable {
 public:
  SlotTable() = default;
  // Room for `entries` without growth.
  explicit SlotTable(std::size_t entries) : slots_(capacity_for(entries)) {}

  SlotView view() const { return SlotView(slots_); }
  std::span<const Slot> slots() const { return slots_; }
  std::size_t size() const { return used_; }

  // Returns the entry with this hash for which equal(entry) is true. If absent, inserts `entry` and returns it.
  template <class Equal>
  std::uint32_t find_or_insert(std::uint32_t hash, std::uint32_t entry, Equal&& equal) {
    if (used_ >= limit_) grow();
    std::size_t at = (std::uint64_t{hash} * slots_.size()) >> 32;
    while (slots_[at].entry != kNoEntry) {
      if (slots_[at].hash == hash && equal(slots_[at].entry)) return slots_[at].entry;
      if (++at == slots_.size()) at = 0;
    }
    slots_[at] = {hash, entry};
    ++used_;
    return entry;
  }

  // Inserts an entry that is known to be new.
  void insert(std::uint32_t hash, std::uint32_t entry) {
    find_or_insert(hash, entry, [](std::uint32_t) { return false; });
  }

 private:
  // At most 5 of 8 slots are taken.
  static std::size_t capacity_for(std::size_t entries) { return entries + entries * 3 / 5 + 2; }
  static std::size_t limit_of(std::size_t capacity) { return capacity - capacity * 3 / 8; }
  void grow();

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  std::size_t limit_ = limit_of(slots_.size());
};

}  // namespace xmr
