#include "xmr/train/retrieval_split.hpp"

#include <algorithm>

#include "xmr/util/hash.hpp"
#include "xmr/util/random.hpp"

namespace xmr {
namespace {

constexpr std::size_t kMinTitles = 8;  // titles are documents if more than one row of so many is one

// Names the set of words of a text. A text without a known word is named by its bytes.
std::uint64_t group_of(SparseRow words, std::string_view text) {
  return words.size() == 0 ? hash64(text, 1) : hash64(words.indices);
}

std::vector<std::uint64_t> groups_of_labels(const RetrievalData& data) {
  std::vector<std::uint64_t> groups;
  const CsrView words = data.label_words;
  for (LabelId label = 0; label < words.rows; ++label)
    groups.push_back(group_of(words.row(label), data.names.text(label)));
  return groups;
}

// Returns, by row, true if the row has the words of the text of a label of its own.
std::vector<bool> rows_like_texts(const RetrievalData& data, std::span<const std::uint64_t> group) {
  const std::vector<std::uint64_t> of_label = groups_of_labels(data);
  std::vector<bool> is_like(data.y.rows);
  std::size_t like = 0;
  for (Row row = 0; row < data.y.rows; ++row) {
    for (const LabelId label : data.y.row(row).indices)
      is_like[row] = is_like[row] || of_label[label] == group[row];
    like += is_like[row] ? 1 : 0;
  }
  if (kMinTitles * like <= data.y.rows) is_like.assign(is_like.size(), false);
  return is_like;
}

// Returns, by label, true if a row of the label is held (`held`) or not held.
std::vector<bool> labels_of(CsrView y, const std::vector<bool>& is_held, bool held) {
  std::vector<bool> has_row(y.cols);
  for (Row row = 0; row < y.rows; ++row)
    for (const LabelId label : y.row(row).indices)
      has_row[label] = has_row[label] || is_held[row] == held;
  return has_row;
}

// Labels of held rows to make cold, so that with the labels that holding out left without rows `share` of them are.
std::vector<bool> cold_labels(CsrView y, const std::vector<bool>& is_held, double share, Random random) {
  const std::vector<bool> asked = labels_of(y, is_held, true), known = labels_of(y, is_held, false);
  double all = 0, cold = 0;
  for (LabelId label = 0; label < y.cols; ++label) {
    all += asked[label] ? 1 : 0;
    cold += asked[label] && !known[label] ? 1 : 0;
  }
  const double chance = all > cold ? (share * all - cold) / (all - cold) : 0;
  std::vector<bool> is_cold(y.cols);
  for (LabelId label = 0; label < y.cols; ++label)
    if (asked[label] && known[label]) is_cold[label] = random.uniform() < chance;
  return is_cold;
}

struct HeldQuery {
  std::uint64_t order;  // of its group
  std::uint64_t group;
  Row row;

  bool operator<(const HeldQuery& other) const {
    return order != other.order ? order < other.order : group != other.group ? group < other.group : row < other.row;
  }
};

CsrMatrix without(CsrView y, const std::vector<bool>& is_held, const std::vector<bool>& is_cold) {
  CsrMatrix left(y.cols);
  for (Row row = 0; row < y.rows; ++row) {
    const SparseRow labels = y.row(row);
    for (std::size_t i = 0; !is_held[row] && i < labels.size(); ++i)
      if (!is_cold[labels.indices[i]]) left.push(labels.indices[i], labels.values[i]);
    left.end_row();
  }
  return left;
}

}  // namespace

RetrievalSplit split_rows(const RetrievalData& data, std::uint64_t seed) {
  RetrievalSplit split;
  const CsrView words = data.words;
  for (Row row = 0; row < data.y.rows; ++row)
    split.group.push_back(group_of(words.row(row), data.texts[row]));
  const std::vector<bool> is_document = rows_like_texts(data, split.group);
  std::vector<HeldQuery> queries;
  std::vector<bool> has_rows(data.y.cols);
  for (Row row = 0; row < data.y.rows; ++row) {
    if (data.y.row(row).size() == 0) continue;
    for (const LabelId label : data.y.row(row).indices)
      has_rows[label] = true;
    if (is_document[row])
      ++split.documents;
    else
      queries.push_back({Random(seed, split.group[row]).next(), split.group[row], row});
  }
  std::sort(queries.begin(), queries.end());
  split.queries = queries.size();
  split.cold_share = static_cast<double>(std::ranges::count(has_rows, false)) / static_cast<double>(data.y.cols);
  const std::size_t of_fold = std::min(RetrievalSplit::kHeldRows, queries.size() / RetrievalSplit::kMaxFolds);
  std::size_t next = 0;
  while (of_fold > 0 && next < queries.size() && next < RetrievalSplit::kHeldRows &&
         split.folds.size() < RetrievalSplit::kMaxFolds) {
    RetrievalFold fold;
    const std::size_t wanted = std::min(of_fold, RetrievalSplit::kHeldRows - next);
    std::vector<bool> is_held(data.y.rows);
    for (std::size_t taken = 0;
         next < queries.size() && (taken < wanted || queries[next].group == queries[next - 1].group); ++taken, ++next) {
      const Row row = queries[next].row;
      is_held[row] = true;
      fold.held.push_back(row);
    }
    std::ranges::sort(fold.held);
    const std::vector<bool> is_cold = cold_labels(data.y, is_held, split.cold_share, Random(seed, split.folds.size()));
    fold.y = without(data.y, is_held, is_cold);
    split.folds.push_back(std::move(fold));
  }
  return split;
}

}  // namespace xmr
