#include "xmr/complete/typo.hpp"

#include "xmr/complete/prefix.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

std::string_view first_point(std::string_view text) {
  return text.substr(0, decode_utf8(text).length);
}

}  // namespace

std::string_view TypoSearch::operator()(std::string_view prefix) {
  best_ = {};
  most_ = 0;
  if (prefix.size() > kLongest) return best_;
  LabelRange range{0, static_cast<LabelId>(keys_.size())};
  for (std::size_t length = 0; length < prefix.size();) {
    try_edits(range, prefix.substr(0, length), prefix.substr(length));
    length += first_point(prefix.substr(length)).size();
    range = prefix_range(keys_, prefix.substr(0, length), range);
    if (range.empty()) break;
  }
  return best_;
}

void TypoSearch::try_edits(LabelRange range, std::string_view beginning, std::string_view rest) {
  const std::string_view typed = first_point(rest), behind = rest.substr(typed.size());
  if (!behind.empty()) {
    edit(beginning, {}, behind);
    try_edited(range);
    const std::string_view second = first_point(behind);
    edit(beginning, second, typed);
    edited_ += behind.substr(second.size());
    try_edited(range);
  }
  for (LabelId label = range.first; label < range.last;) {
    if (keys_[label].size() == beginning.size() || !keys_[label].starts_with(beginning)) {  // unsorted keys
      ++label;
      continue;
    }
    const std::string_view next = first_point(keys_[label].substr(beginning.size()));
    edit(beginning, next, {});
    const LabelRange inside = prefix_range(keys_, edited_, {label, range.last});
    edit(beginning, next, behind);
    try_edited(inside);
    edit(beginning, next, rest);
    try_edited(inside);
    label = inside.last;
  }
}

void TypoSearch::edit(std::string_view beginning, std::string_view inserted, std::string_view rest) {
  edited_.assign(beginning).append(inserted).append(rest);
}

void TypoSearch::try_edited(LabelRange range) {
  range = prefix_range(keys_, edited_, range);
  if (range.empty()) return;
  const std::uint64_t total = popular_.total(range) + 1;  // counts labels of count 0 too
  const std::string_view found = keys_[range.first].substr(0, edited_.size());
  if (total < most_ || (total == most_ && found >= best_)) return;
  most_ = total;
  best_ = found;
}

}  // namespace xmr
