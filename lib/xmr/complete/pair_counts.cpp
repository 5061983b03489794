#include "xmr/complete/pair_counts.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "xmr/featurize/word_table.hpp"
#include "xmr/util/count_up.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

namespace {

// Returns the `most` most frequent labels by their numbers in the table, ordered by label. Changes `added`.
std::vector<CountedLabel> sum_up(std::span<CountedLabel> added, std::size_t most, std::span<const LabelId> number_of) {
  if (!number_of.empty())
    for (CountedLabel& next : added)
      next.label = number_of[next.label];
  std::ranges::sort(added, {}, &CountedLabel::label);
  std::vector<CountedLabel> counts;
  for (const CountedLabel& next : added) {
    if (next.label == PairCounter::kLeftOut) break;  // the largest number
    if (counts.empty() || counts.back().label != next.label) counts.push_back({next.label, 0});
    count_up(counts.back().count, next.count);
  }
  if (counts.size() <= most) return counts;
  std::ranges::nth_element(counts, counts.begin() + static_cast<std::ptrdiff_t>(most),
                           [](auto a, auto b) { return a.count != b.count ? a.count > b.count : a.label < b.label; });
  counts.resize(most);
  std::ranges::sort(counts, {}, &CountedLabel::label);
  return counts;
}

}  // namespace

PairTable PairCounter::table(std::size_t most, std::span<const LabelId> number_of) const {
  // Of the pairs of each text: their number one place later, then their begin, at last their end.
  std::vector<std::size_t> ends(texts_->size() + 1);
  for (const Pair& pair : pairs_)
    ++ends[pair.previous + 1];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<CountedLabel> grouped(pairs_.size());
  for (const Pair& pair : pairs_)
    grouped[ends[pair.previous]++] = pair.next;

  PairTable table;
  for (const std::uint32_t text : texts_->increasing()) {
    const std::size_t begin = text == 0 ? 0 : ends[text - 1];
    const std::vector<CountedLabel> counts =
        sum_up(std::span(grouped).subspan(begin, ends[text] - begin), most, number_of);
    if (counts.empty()) continue;
    for (const CountedLabel& next : counts) {
      table.labels.push_back(next.label);
      table.counts.push_back(next.count);
    }
    table.previous.add(texts_->text(text));
    table.end_text();
  }
  return table;
}

// Ends the labels of a text.
void PairTable::end_text() {
  if (labels.size() > std::numeric_limits<std::uint32_t>::max())
    throw DataError("the log", "it has 2^32 different pairs of queries or more");
  offsets.push_back(static_cast<std::uint32_t>(labels.size()));
}

void PairTable::write(NpzWriter& out, const std::string& prefix) const {
  previous.write(out, prefix + "previous/");
  write_counts(out, prefix, previous.view());
}

void PairTable::write_counts(NpzWriter& out, const std::string& prefix, const StringTable& texts) const {
  const StringTable own = previous.view();
  std::vector<std::uint32_t> of_texts{0};
  for (std::size_t text = 0, next = 0; text < texts.size(); ++text) {
    if (next < own.size() && own[next] == texts[text]) ++next;
    of_texts.push_back(offsets[next]);
  }
  out.add(prefix + "offsets", of_texts);
  out.add(prefix + "labels", labels);
  out.add(prefix + "counts", counts);
}

void PairTable::append(const PairTable& other) {
  const StringTable texts = other.previous.view();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    previous.add(texts[i]);
    for (std::size_t at = other.offsets[i]; at < other.offsets[i + 1]; ++at) {
      labels.push_back(other.labels[at]);
      counts.push_back(other.counts[at]);
    }
    end_text();
  }
}

PairCounts PairTable::view() const {
  PairCounts view;
  view.previous_ = previous.view();
  view.offsets_ = offsets;
  view.labels_ = labels;
  view.counts_ = counts;
  view.hash_texts();
  return view;
}

PairCounts PairCounts::read(const NpzFile& file, const std::string& prefix, std::uint64_t labels) {
  for (const char* member : {"previous/offsets", "previous/bytes"})
    file.check(prefix + member);
  PairCounts pairs;
  pairs.previous_ = read_string_table(file, prefix + "previous/");
  pairs.hash_texts();
  pairs.read_counts(file, prefix, labels);
  return pairs;
}

PairCounts PairCounts::read(const NpzFile& file, const std::string& prefix, std::uint64_t labels,
                            const PairCounts& of_texts) {
  PairCounts pairs;
  pairs.previous_ = of_texts.previous_;
  pairs.slots_ = of_texts.slots_;
  pairs.read_counts(file, prefix, labels);
  return pairs;
}

void PairCounts::read_counts(const NpzFile& file, const std::string& prefix, std::uint64_t labels) {
  for (const char* member : {"offsets", "labels", "counts"})
    file.check(prefix + member);
  offsets_ = file.array<std::uint32_t>(prefix + "offsets");
  labels_ = file.array<LabelId>(prefix + "labels");
  counts_ = file.array<std::uint32_t>(prefix + "counts");
  const auto fail = [&](const char* member, std::string_view what) {
    throw FormatError(file.name(), fmt::format("member {}{}: {}", prefix, member, what));
  };
  if (offsets_.size() != previous_.size() + 1 || offsets_.front() != 0 || offsets_.back() != labels_.size() ||
      !std::ranges::is_sorted(offsets_))
    fail("offsets", "they do not fit the texts and labels");
  if (counts_.size() != labels_.size()) fail("counts", "not as many as labels");
  if (std::ranges::any_of(labels_, [&](LabelId label) { return label >= labels; }))
    fail("labels", fmt::format("a label outside 0..{}", labels - 1));
}

// Repeated texts (a forged file) take one slot, so that no run of slots is long.
void PairCounts::hash_texts() {
  SlotTable slots(previous_.size());
  for (std::uint32_t i = 0; i < previous_.size(); ++i)
    slots.find_or_insert(word_hash(previous_[i]), i,
                         [&](std::uint32_t text) { return same_word(previous_[text], previous_[i]); });
  slots_ = std::make_shared<const SlotTable>(std::move(slots));
}

std::size_t PairCounts::number_of(std::string_view previous) const {
  const std::uint32_t text = slots_->view().find(
      word_hash(previous), [&](std::uint32_t number) { return same_word(previous_[number], previous); });
  return text == kNoEntry ? previous_.size() : text;
}

PairCounts::Nexts PairCounts::inside(const Nexts& nexts, LabelRange range) {
  const auto place = [&](LabelId label) {
    return static_cast<std::size_t>(std::ranges::lower_bound(nexts.labels, label) - nexts.labels.begin());
  };
  const std::size_t begin = place(range.first), end = std::max(begin, place(range.last));
  return {nexts.labels.subspan(begin, end - begin), nexts.counts.subspan(begin, end - begin)};
}

}  // namespace xmr
