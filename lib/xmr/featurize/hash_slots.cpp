#include "xmr/featurize/hash_slots.hpp"

#include <algorithm>
#include <utility>

namespace xmr {

void SlotTable::grow() {
  constexpr std::size_t kSmallest = 1024;
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(std::max(kSmallest, 2 * slots_.size())));
  limit_ = limit_of(slots_.size());
  used_ = 0;
  for (const Slot slot : old)
    if (slot.entry != kNoEntry) insert(slot.hash, slot.entry);
}

}  // namespace xmr
