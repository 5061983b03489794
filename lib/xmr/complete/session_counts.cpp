#include "xmr/complete/session_counts.hpp"

#include "xmr/complete/prefix.hpp"
#include "xmr/util/count_up.hpp"

namespace xmr {

bool SessionCounter::add(std::string_view previous, std::string_view next) {
  const LabelId label = label_of(next);
  if (session_.empty() || session_.back().query != previous) {
    session_.assign(1, {std::string(previous), label_of(previous)});
    if (!previous.empty()) grams_.add(previous);
  }
  grams_.add(next);
  session_.push_back({std::string(next), label});
  if (session_.size() > kWindow + 1) session_.pop_front();
  add_together(session_.back());
  if (label == kNoLabel) return false;
  count_up(popular_[label]);
  pairs_.add(previous, label);
  return true;
}

void SessionCounter::add_together(const Asked& next) {
  for (std::size_t i = 0; i + 1 < session_.size(); ++i) {
    const Asked& earlier = session_[i];
    const bool is_pair = i + 2 == session_.size();
    if (next.label != kNoLabel && !is_pair) together_.add(earlier.query, next.label);
    if (earlier.label != kNoLabel) together_.add(next.query, earlier.label);
  }
}

LabelId SessionCounter::label_of(std::string_view query) const {
  const LabelId label = place_of(keys_, query);
  return label < keys_.size() && keys_[label] == query ? label : kNoLabel;
}

SessionTables SessionCounter::tables() const {
  return {PopularTable(popular_), pairs_.table(), together_.table(kMaxTogether), WordIndexTable(keys_, popular_),
          grams_.table()};
}

}  // namespace xmr
