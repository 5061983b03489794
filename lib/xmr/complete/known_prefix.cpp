#include "xmr/complete/known_prefix.hpp"

#include "xmr/complete/prefix.hpp"

namespace xmr {

KnownPrefix KnownPrefixes::operator()(std::string_view typed) {
  const LabelRange range = prefix_range(keys_, typed);
  if (!range.empty()) return {typed, range};
  if (mends_typos_)
    if (const std::string_view meant = mend_(typed); !meant.empty())
      return {meant, prefix_range(keys_, meant), Instead::mended};
  const std::string_view beginning = known_prefix(keys_, typed);
  return {beginning, prefix_range(keys_, beginning), Instead::beginning};
}

}  // namespace xmr
