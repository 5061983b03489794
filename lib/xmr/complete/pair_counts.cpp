#include "xmr/complete/pair_counts.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "xmr/util/count_up.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

namespace {

// Returns the `most` most frequent labels, ordered by label.
std::vector<CountedLabel> sum_up(std::vector<CountedLabel> added, std::size_t most) {
  std::ranges::sort(added, {}, &CountedLabel::label);
  std::vector<CountedLabel> counts;
  for (const CountedLabel& next : added) {
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

PairTable PairCounter::table(std::size_t most) const {
  std::vector<const std::pair<const std::string, std::vector<CountedLabel>>*> sorted;
  sorted.reserve(nexts_.size());
  for (const auto& entry : nexts_)
    sorted.push_back(&entry);
  std::ranges::sort(sorted, {}, [](const auto* entry) -> const std::string& { return entry->first; });

  PairTable table;
  for (const auto* entry : sorted) {
    for (const CountedLabel& next : sum_up(entry->second, most)) {
      table.labels.push_back(next.label);
      table.counts.push_back(next.count);
    }
    table.previous.add(entry->first);
    table.offsets.push_back(table.labels.size());
  }
  return table;
}

void PairTable::write(NpzWriter& out, const std::string& prefix) const {
  previous.write(out, prefix + "previous/");
  out.add(prefix + "offsets", offsets);
  out.add(prefix + "labels", labels);
  out.add(prefix + "counts", counts);
}

void PairTable::append(const PairTable& other) {
  const StringTable texts = other.previous.view();
  const std::uint64_t before = labels.size();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    previous.add(texts[i]);
    offsets.push_back(before + other.offsets[i + 1]);
  }
  labels.insert(labels.end(), other.labels.begin(), other.labels.end());
  counts.insert(counts.end(), other.counts.begin(), other.counts.end());
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
  for (const char* member : {"previous/offsets", "previous/bytes", "offsets", "labels", "counts"})
    file.check(prefix + member);
  PairCounts pairs;
  pairs.previous_ = read_string_table(file, prefix + "previous/");
  pairs.offsets_ = file.array<std::uint64_t>(prefix + "offsets");
  pairs.labels_ = file.array<LabelId>(prefix + "labels");
  pairs.counts_ = file.array<std::uint32_t>(prefix + "counts");
  const auto fail = [&](const char* member, std::string_view what) {
    throw FormatError(file.name(), fmt::format("member {}{}: {}", prefix, member, what));
  };
  if (pairs.offsets_.size() != pairs.previous_.size() + 1 || pairs.offsets_.front() != 0 ||
      pairs.offsets_.back() != pairs.labels_.size() || !std::ranges::is_sorted(pairs.offsets_))
    fail("offsets", "they do not fit the texts and labels");
  if (pairs.counts_.size() != pairs.labels_.size()) fail("counts", "not as many as labels");
  if (std::ranges::any_of(pairs.labels_, [&](LabelId label) { return label >= labels; }))
    fail("labels", fmt::format("a label outside 0..{}", labels - 1));
  pairs.hash_texts();
  return pairs;
}

// Repeated texts (a forged file) take one slot, so that no run of slots is long.
void PairCounts::hash_texts() {
  slots_.assign(std::bit_ceil(2 * previous_.size() + 1), 0);
  for (std::uint32_t i = 0; i < previous_.size(); ++i) {
    std::size_t slot = hash64(previous_[i]) & (slots_.size() - 1);
    while (slots_[slot] != 0 && previous_[slots_[slot] - 1] != previous_[i])
      slot = (slot + 1) & (slots_.size() - 1);
    if (slots_[slot] == 0) slots_[slot] = i + 1;
  }
}

PairCounts::Nexts PairCounts::nexts(std::string_view previous) const {
  if (slots_.empty()) return {};
  std::size_t slot = hash64(previous) & (slots_.size() - 1);
  while (slots_[slot] != 0 && previous_[slots_[slot] - 1] != previous)
    slot = (slot + 1) & (slots_.size() - 1);
  if (slots_[slot] == 0) return {};
  return nexts_of(slots_[slot] - 1);
}

PairCounts::Nexts PairCounts::inside(const Nexts& nexts, LabelRange range) {
  const auto place = [&](LabelId label) {
    return static_cast<std::size_t>(std::ranges::lower_bound(nexts.labels, label) - nexts.labels.begin());
  };
  const std::size_t begin = place(range.first), end = std::max(begin, place(range.last));
  return {nexts.labels.subspan(begin, end - begin), nexts.counts.subspan(begin, end - begin)};
}

}  // namespace xmr
