#pragma once
// Visits the keys near a place of a table, to find completions of typed words.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "xmr/complete/words.hpp"
#include "xmr/io/names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// Calls accepts(number) for the keys from `place` on, then for the keys before it, the nearest first, at most kReach on
// a side. Skips keys that cannot hold the typed words (may_hold() in words.hpp). A side ends when accepts() has
// returned true `most` times. Cost: one search of the text of the keys for the longest typed word.
template <LabelId kReach, class Accepts>
void visit_near(const StringTable& keys, LabelId place, std::size_t most, const Words& typed, Accepts&& accepts) {
  if (typed.size() == 0) return;
  const LabelId first = place - std::min(place, kReach),
                last = place + std::min(static_cast<LabelId>(keys.size()) - place, kReach);
  const std::string_view texts = keys.blob.substr(0, keys.offsets[last]);
  const bool are_plain = is_ascii(texts.substr(keys.offsets[first]));
  std::array<LabelId, 2 * std::size_t{kReach}> holding;  // increasing
  std::size_t count = 0, before = 0;
  for (LabelId number = first; number < last; ++number) {
    if (are_plain) {
      const std::size_t found = texts.find(typed.longest(), keys.offsets[number]);
      if (found == std::string_view::npos) break;
      while (keys.offsets[number + 1] <= found)
        ++number;
    }
    if (number < place) ++before;
    holding[count++] = number;
  }
  std::size_t accepted = 0;
  for (std::size_t i = before; i < count && accepted < most; ++i)
    accepted += accepts(holding[i]) ? 1 : 0;
  accepted = 0;
  for (std::size_t i = before; i > 0 && accepted < most; --i)
    accepted += accepts(holding[i - 1]) ? 1 : 0;
}

}  // namespace xmr
