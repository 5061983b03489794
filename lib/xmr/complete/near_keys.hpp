#pragma once
// Keys beside a place of a table, among which completions of typed words are looked for.

#include <algorithm>
#include <cstddef>

#include "xmr/complete/words.hpp"
#include "xmr/io/names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// Calls accepts(number) for the keys from `place` on and for those before it, the nearest first, `reach` on a side at
// most. A side ends when it has returned true `most` times. If none of the keys holds the typed words, calls nothing.
template <class Accepts>
void visit_near(const StringTable& keys, LabelId place, LabelId reach, std::size_t most, const Words& typed,
                Accepts&& accepts) {
  const LabelId first = place - std::min(place, reach),
                last = place + std::min(static_cast<LabelId>(keys.size()) - place, reach);
  if (!may_hold(typed, keys.blob.substr(keys.offsets[first], keys.offsets[last] - keys.offsets[first]))) return;
  std::size_t accepted = 0;
  for (LabelId number = place; number < last && accepted < most; ++number)
    accepted += accepts(number) ? 1 : 0;
  accepted = 0;
  for (LabelId number = place; number > first && accepted < most; --number)
    accepted += accepts(number - 1) ? 1 : 0;
}

}  // namespace xmr
