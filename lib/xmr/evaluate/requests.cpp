#include "xmr/evaluate/requests.hpp"

#include <algorithm>
#include <span>
#include <unordered_set>
#include <utility>

#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

// Groups the rows 0..count-1. group_of(row) is the index of the group in `names`.
template <class GroupOf>
std::vector<RowGroup> split(std::uint64_t count, std::vector<std::string> names, const GroupOf& group_of) {
  std::vector<RowGroup> groups(names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    groups[i].name = std::move(names[i]);
  for (Row row = 0; row < count; ++row)
    groups[group_of(row)].rows.push_back(row);
  std::erase_if(groups, [](const RowGroup& group) { return group.rows.empty(); });
  return groups;
}

// Returns the number of bounds <= value.
std::size_t class_of(std::uint64_t value, std::span<const std::uint64_t> bounds) {
  return static_cast<std::size_t>(std::ranges::upper_bound(bounds, value) - bounds.begin());
}

std::string pair_of(const Requests& requests, std::size_t row) {
  return requests.previous[row] + '\t' + requests.next[row];  // no text holds a TAB
}

}  // namespace

std::vector<RowGroup> split_by_prefix_length(const Requests& requests) {
  constexpr std::uint64_t kBounds[] = {1, 2, 4, 8};
  return split(requests.size(), {"prefix 0", "prefix 1", "prefix 2-3", "prefix 4-7", "prefix 8+"},
               [&](Row row) { return class_of(count_points(requests.prefix[row]), kBounds); });
}

std::vector<RowGroup> split_by_seen_previous(const Requests& requests, const Requests& train) {
  const std::unordered_set<std::string_view> seen(train.previous.begin(), train.previous.end());
  return split(requests.size(), {"previous seen", "previous unseen"},
               [&](Row row) { return seen.contains(requests.previous[row]) ? 0U : 1U; });
}

std::vector<RowGroup> split_by_seen_pair(const Requests& requests, const Requests& train) {
  std::unordered_set<std::string> seen;
  for (std::size_t row = 0; row < train.size(); ++row)
    seen.insert(pair_of(train, row));
  return split(requests.size(), {"pair seen", "pair unseen"},
               [&](Row row) { return seen.contains(pair_of(requests, row)) ? 0U : 1U; });
}

std::vector<RowGroup> split_by_label_frequency(CsrView truth, CsrView train) {
  constexpr std::uint64_t kBounds[] = {1, 2, 5, 20};
  constexpr std::size_t kNoLabel = 5;
  std::vector<std::uint64_t> counts(train.cols);
  for (std::size_t i = 0; i < train.indices.size(); ++i)
    if (train.values[i] > 0) ++counts[train.indices[i]];
  return split(truth.rows,
               {"label unseen", "label 1 row", "label 2-4 rows", "label 5-19 rows", "label 20+ rows", "no label"},
               [&](Row row) {
                 const SparseRow labels = truth.row(row);
                 std::size_t group = kNoLabel;
                 std::uint64_t most = 0;
                 for (std::size_t i = 0; i < labels.size(); ++i) {
                   if (!(labels.values[i] > 0)) continue;
                   most = std::max(most, counts[labels.indices[i]]);
                   group = class_of(most, kBounds);
                 }
                 return group;
               });
}

}  // namespace xmr
