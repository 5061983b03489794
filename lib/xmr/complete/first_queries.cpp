#include "xmr/complete/first_queries.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "xmr/complete/keep_largest.hpp"
#include "xmr/complete/near_keys.hpp"
#include "xmr/complete/prefix.hpp"
#include "xmr/util/count_up.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

FirstQueryTable::FirstQueryTable(StringTableBuilder texts, const std::vector<std::uint32_t>& counts, PairTable before)
    : texts_(std::move(texts)), popular_(counts), words_(texts_.view(), counts), before_(std::move(before)) {}

void FirstQueryTable::write(NpzWriter& out, const std::string& prefix, const StringTable& texts_of_log) const {
  texts_.write(out, prefix + "texts/");
  popular_.write(out, prefix + "popular/");
  words_.write(out, prefix + "words/");
  before_.write_counts(out, prefix + "before/", texts_of_log);
}

FirstQueries FirstQueryTable::view() const {
  FirstQueries view;
  view.texts_ = texts_.view();
  view.popular_ = popular_.view();
  view.words_ = words_.view();
  view.before_ = before_.view();
  return view;
}

FirstQueries FirstQueries::read(const NpzFile& file, const std::string& prefix, const PairCounts& pairs) {
  for (const char* member : {"texts/offsets", "texts/bytes"})
    file.check(prefix + member);
  FirstQueries first;
  first.texts_ = read_string_table(file, prefix + "texts/");
  const std::size_t size = first.texts_.size();
  if (size >= kMaxColumns) throw FormatError(file.name(), "member " + prefix + "texts/offsets: too many texts");
  first.popular_ = Popular::read(file, prefix + "popular/", size);
  first.words_ = WordIndex::read(file, prefix + "words/", size);
  first.before_ = PairCounts::read(file, prefix + "before/", size, pairs);
  return first;
}

void FirstQueryCounter::add(std::uint32_t query, std::uint32_t times) {
  if (query >= counts_.size()) counts_.resize(texts_->size());
  count_up(counts_[query], times);
}

FirstQueryTable FirstQueryCounter::table(const StringTable& keys, std::uint32_t least) const {
  StringTableBuilder texts;
  std::vector<std::uint32_t> counts;
  std::vector<LabelId> places(texts_->size(), PairCounter::kLeftOut);
  for (const std::uint32_t number : texts_->increasing()) {
    if (number >= counts_.size() || counts_[number] < least) continue;
    const std::string_view query = texts_->text(number);
    const LabelId place = place_of(keys, query);
    if (place < keys.size() && keys[place] == query) continue;
    places[number] = static_cast<LabelId>(counts.size());
    texts.add(query);
    counts.push_back(counts_[number]);
  }
  return {std::move(texts), counts, before_.table(kMaxBefore, places)};
}

void FirstQuerySearch::operator()(std::string_view previous, std::string_view typed, const Words& words) {
  found_.clear();
  if (first_.texts().size() == 0) return;
  const LabelRange begun = prefix_range(first_.texts(), typed);
  const PairCounts::Nexts before = first_.before().nexts(previous);
  numbers_.clear();
  first_.popular().top(begun, kListed, intervals_, numbers_);
  // Few follow one text, so all of them are compared.
  order_.resize(before.labels.size());
  std::iota(order_.begin(), order_.end(), std::uint32_t{0});
  std::erase_if(order_,
                [&](std::uint32_t i) { return !begun.contains(before.labels[i]) && !find(words, before.labels[i]); });
  keep_largest(order_, kListed, [&](std::uint32_t i) { return before.counts[i]; });
  for (const std::uint32_t i : order_)
    numbers_.push_back(before.labels[i]);
  search_words_(words, begun, kListed, numbers_);
  if (!previous.empty()) add_near(previous, words, begun);
  std::ranges::sort(numbers_);
  numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
  for (const LabelId number : numbers_) {
    const auto place = std::ranges::lower_bound(before.labels, number);
    const bool is_before = place != before.labels.end() && *place == number;
    FoundFirst& found = found_.emplace_back();
    found.number = number;
    found.count = first_.popular().count(number);
    found.before = is_before ? before.counts[static_cast<std::size_t>(place - before.labels.begin())] : 0;
    if (begun.contains(number)) continue;
    found.has_words = true;
    found.word_place = static_cast<std::uint32_t>(*find(words, number));
  }
}

// Adds neighbours of the previous query.
void FirstQuerySearch::add_near(std::string_view previous, const Words& words, LabelRange begun) {
  visit_near<kNear>(first_.texts(), place_of(first_.texts(), previous), kListed, words, [&](LabelId number) {
    const bool is_found = begun.contains(number) || find(words, number);
    if (is_found) numbers_.push_back(number);
    return is_found;
  });
}

}  // namespace xmr
