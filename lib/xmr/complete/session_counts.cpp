#include "xmr/complete/session_counts.hpp"

#include <cmath>

#include "xmr/util/count_up.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

namespace {

// Returns a share of a count, rounded up if the fraction is above a random number that `seed` makes of text and label.
std::uint32_t share_of(std::uint32_t count, double kept, std::string_view text, LabelId label, std::uint64_t seed) {
  const double share = count * kept;
  const double whole = std::floor(share);
  const std::uint64_t random = hash64(text, seed + label);
  constexpr double kUnit = 0x1p-53;
  return static_cast<std::uint32_t>(whole) + (static_cast<double>(random >> 11) * kUnit < share - whole ? 1 : 0);
}

}  // namespace

SessionCounter::SessionCounter(const StringTable& keys) : keys_(keys), popular_(keys.size()) {
  for (LabelId label = 0; label < keys.size(); ++label)
    texts_->number(keys[label]);
}

SessionCounter::SessionCounter(const StringTable& keys, const Before& before, std::span<const LabelId> number_of,
                               double kept)
    : SessionCounter(keys) {
  grams_ = QueryGramCounter(&before.grams, texts_);
  recent_ = RecentCounter(before.recent, number_of, keys.size());
  had_gram_.resize(keys.size());
  // Another seed for each update: else the same counts would be rounded up each time.
  const std::uint64_t seed = before.popular.total({0, static_cast<LabelId>(number_of.size())});
  for (LabelId label = 0; label < number_of.size(); ++label) {
    if (number_of[label] == kNoLabel) continue;
    popular_[number_of[label]] = share_of(before.popular.count(label), kept, {}, label, seed);
    had_gram_[number_of[label]] = true;
  }
  const auto copy = [&](const PairCounts& counts, PairCounter& counter) {
    for (std::size_t text = 0; text < counts.texts().size(); ++text) {
      const PairCounts::Nexts nexts = counts.nexts_of(text);
      const Query previous = texts_->number(counts.texts()[text]);
      for (std::size_t i = 0; i < nexts.labels.size(); ++i)
        if (const LabelId label = number_of[nexts.labels[i]]; label != kNoLabel)
          if (const auto count = share_of(nexts.counts[i], kept, counts.texts()[text], nexts.labels[i], seed);
              count > 0)
            counter.add(previous, label, count);
    }
  };
  copy(before.pairs, pairs_);
  copy(before.together, together_);
  const StringTable& first = before.first.texts();
  for (std::uint32_t number = 0; number < first.size(); ++number)
    first_.add(first[number], share_of(before.first.popular().count(number), kept, first[number], number, seed));
  for (std::size_t text = 0; text < before.first.before().texts().size(); ++text) {
    const PairCounts::Nexts counted = before.first.before().nexts_of(text);
    const std::string_view later = before.first.before().texts()[text];
    for (std::size_t i = 0; i < counted.labels.size(); ++i)
      first_.add_before(later, first[counted.labels[i]],
                        share_of(counted.counts[i], kept, later, counted.labels[i], seed));
  }
}

bool SessionCounter::add(std::string_view previous, std::string_view next, std::optional<std::int64_t> time) {
  const Query earlier = texts_->number(previous), query = texts_->number(next);
  if (session_.empty() || session_.back() != earlier) {
    session_.assign(1, earlier);
    add_pieces(earlier);
    begun_by_ = is_empty(earlier) ? std::nullopt : std::optional(earlier);
    if (begun_by_) first_.add(*begun_by_);
  }
  if (begun_by_ && session_.size() <= kWindow) first_.add_before(query, *begun_by_);
  session_.push_back(query);
  add_pieces(query);
  if (session_.size() > kWindow + 1) session_.pop_front();
  add_together(query);
  const LabelId label = label_of(query);
  if (label == kNoLabel) return false;
  count_up(popular_[label]);
  pairs_.add(earlier, label);
  if (time) recent_.add(label, *time);
  return true;
}

void SessionCounter::add_pieces(Query query) {
  const LabelId label = label_of(query);
  const bool is_counted = !had_gram_.empty() && label != kNoLabel && had_gram_[label];
  if (!is_counted && !is_empty(query)) grams_.add(query);
}

void SessionCounter::add_together(Query next) {
  const LabelId label = label_of(next);
  for (std::size_t i = 0; i + 1 < session_.size(); ++i) {
    const Query earlier = session_[i];
    const bool is_pair = i + 2 == session_.size();
    if (label != kNoLabel && !is_pair) together_.add(earlier, label);
    if (const LabelId of_earlier = label_of(earlier); of_earlier != kNoLabel) together_.add(next, of_earlier);
  }
}

SessionTables SessionCounter::tables(std::span<const LabelId> later) const {
  std::uint32_t least = 0;  // the count of the rarest label of the log
  for (const std::uint32_t count : popular_)
    if (count > 0 && (least == 0 || count < least)) least = count;
  const auto half_life = recent_.half_life(keys_.size(), later);
  return {PopularTable(popular_),
          pairs_.table(),
          together_.table(kMaxTogether),
          WordIndexTable(keys_, popular_),
          grams_.table(),
          first_.table(keys_, std::max(least, 1U)),
          half_life ? std::optional(recent_.table(keys_.size(), *half_life)) : std::nullopt};
}

}  // namespace xmr
