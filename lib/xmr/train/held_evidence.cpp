#include "xmr/train/held_evidence.hpp"

#include <algorithm>
#include <memory>
#include <numeric>

#include "xmr/io/json.hpp"
#include "xmr/predict/retriever.hpp"
#include "xmr/retrieve/evidence.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlockHeld = 64;
constexpr std::size_t kJudged = 10;

}  // namespace

void HeldEvidence::add(const RetrievalModel& model, const StringTable& texts, CsrView y, std::span<const HeldRow> rows,
                       Parallel& parallel) {
  std::vector<std::unique_ptr<RetrievalCandidates>> readers;
  for (unsigned worker = 0; worker < parallel.threads(); ++worker)
    readers.push_back(std::make_unique<RetrievalCandidates>(model, model.listed(), nullptr));
  std::vector<HeldEvidence> blocks((rows.size() + kBlockHeld - 1) / kBlockHeld);
  const Phase phase(parallel.observer(), "weigh", rows.size(), "rows");
  parallel.for_blocks(rows.size(), kBlockHeld, [&](std::size_t begin, std::size_t end, unsigned worker) {
    HeldEvidence& block = blocks[begin / kBlockHeld];
    RetrievalCandidates& reader = *readers[worker];
    for (const auto [row, slice] : rows.subspan(begin, end - begin)) {
      reader.collect(texts[row]);
      const auto right = y.row(row).indices;
      block.values_.insert(block.values_.end(), reader.evidence().begin(), reader.evidence().end());
      for (const RetrievalCandidate& candidate : reader.all()) {
        block.labels_.push_back(candidate.label);
        block.targets_.push_back(std::ranges::binary_search(right, candidate.label) ? 1 : 0);
      }
      block.queries_.push_back(block.labels_.size());
      block.relevant_.push_back(static_cast<std::uint32_t>(right.size()));
      block.slice_.push_back(slice);
    }
    parallel.observer().advance(end - begin);
  });
  std::size_t more = 0;
  for (const HeldEvidence& block : blocks)
    more += block.candidates();
  reserve(rows.size(), more);
  for (HeldEvidence& block : blocks) {
    add(block);
    block = HeldEvidence();
  }
}

void HeldEvidence::reserve(std::size_t rows, std::size_t candidates) {
  values_.reserve(values_.size() + candidates * RetrievalEvidence::size());
  targets_.reserve(targets_.size() + candidates);
  labels_.reserve(labels_.size() + candidates);
  queries_.reserve(queries_.size() + rows);
  relevant_.reserve(relevant_.size() + rows);
  slice_.reserve(slice_.size() + rows);
}

void HeldEvidence::add(const HeldEvidence& other) {
  const std::uint64_t before = labels_.size();
  values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  targets_.insert(targets_.end(), other.targets_.begin(), other.targets_.end());
  labels_.insert(labels_.end(), other.labels_.begin(), other.labels_.end());
  relevant_.insert(relevant_.end(), other.relevant_.begin(), other.relevant_.end());
  slice_.insert(slice_.end(), other.slice_.begin(), other.slice_.end());
  for (std::size_t i = 1; i < other.queries_.size(); ++i)
    queries_.push_back(before + other.queries_[i]);
}

std::uint32_t HeldEvidence::slices() const {
  std::uint32_t slices = 0;
  for (const std::uint8_t slice : slice_)
    slices |= 1U << slice;
  return slices;
}

double HeldEvidence::mean_relevant() const {
  return static_cast<double>(std::accumulate(relevant_.begin(), relevant_.end(), std::uint64_t{0})) /
         static_cast<double>(std::max<std::size_t>(1, rows()));
}

HeldEvidence HeldEvidence::of_slices(std::uint32_t slices) const {
  const std::size_t columns = RetrievalEvidence::size();
  HeldEvidence kept;
  const auto append = []<class T>(std::vector<T>& to, const std::vector<T>& from, std::size_t first, std::size_t last) {
    to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first),
              from.begin() + static_cast<std::ptrdiff_t>(last));
  };
  const auto is_chosen = [&](std::size_t row) { return (slices >> slice_[row] & 1) != 0; };
  std::size_t chosen = 0, candidates = 0;
  for (std::size_t row = 0; row < rows(); ++row) {
    if (!is_chosen(row)) continue;
    ++chosen;
    candidates += queries_[row + 1] - queries_[row];
  }
  kept.reserve(chosen, candidates);
  for (std::size_t row = 0; row < rows(); ++row) {
    if (!is_chosen(row)) continue;
    const std::uint64_t begin = queries_[row], end = queries_[row + 1];
    append(kept.values_, values_, begin * columns, end * columns);
    append(kept.targets_, targets_, begin, end);
    append(kept.labels_, labels_, begin, end);
    append(kept.relevant_, relevant_, row, row + 1);
    append(kept.slice_, slice_, row, row + 1);
    kept.queries_.push_back(kept.labels_.size());
  }
  return kept;
}

HeldEvidence HeldEvidence::best(std::span<const double> margins, std::size_t count) const {
  const std::size_t columns = RetrievalEvidence::size();
  HeldEvidence kept;
  std::size_t candidates = 0;
  for (std::size_t row = 0; row < rows(); ++row)
    candidates += std::min<std::size_t>(count, queries_[row + 1] - queries_[row]);
  kept.reserve(rows(), candidates);
  kept.relevant_ = relevant_;
  kept.slice_ = slice_;
  std::vector<std::size_t> order;
  for (std::size_t row = 0; row < rows(); ++row) {
    order.resize(queries_[row + 1] - queries_[row]);
    std::iota(order.begin(), order.end(), queries_[row]);
    if (order.size() > count) {
      std::ranges::nth_element(
          order, order.begin() + static_cast<std::ptrdiff_t>(count),
          [&](std::size_t a, std::size_t b) { return margins[a] != margins[b] ? margins[a] > margins[b] : a < b; });
      order.resize(count);
      std::ranges::sort(order);
    }
    for (const std::size_t i : order) {
      const auto values = std::span(values_).subspan(i * columns, columns);
      kept.values_.insert(kept.values_.end(), values.begin(), values.end());
      kept.targets_.push_back(targets_[i]);
      kept.labels_.push_back(labels_[i]);
    }
    kept.queries_.push_back(kept.labels_.size());
  }
  return kept;
}

LabelledEvidence HeldEvidence::view() const {
  return view({});
}

LabelledEvidence HeldEvidence::view(std::span<const double> starts) const {
  return {.evidence = {values_, RetrievalEvidence::size()}, .targets = targets_, .starts = starts, .queries = queries_};
}

void HeldEvidence::write(NpzWriter out) const {
  const std::array<std::uint64_t, 2> shape = {candidates(), RetrievalEvidence::size()};
  const auto bytes = std::as_bytes(std::span(values_));
  out.add("evidence", DType::f4, shape, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  out.add("labels", labels_);
  out.add("targets", targets_);
  out.add("queries", queries_);
  out.add("relevant", relevant_);
  Json names = Json::array();
  for (const EvidencePiece& piece : retrieval_evidence())
    names.push_back(piece.name);
  out.commit({"evidence", 1, Json{{"names", std::move(names)}}});
}

std::vector<double> HeldEvidence::column(std::string_view name) const {
  const auto pieces = retrieval_evidence();
  const auto found = std::ranges::find(pieces, name, &EvidencePiece::name) - pieces.begin();
  std::vector<double> numbers;
  numbers.reserve(candidates());
  for (std::size_t i = 0; i < candidates(); ++i)
    numbers.push_back(static_cast<double>(values_[i * pieces.size() + static_cast<std::size_t>(found)]));
  return numbers;
}

std::vector<RowMetrics> HeldEvidence::judge(std::span<const double> margins) const {
  std::vector<RowMetrics> judged(rows());
  std::vector<std::size_t> order;
  for (std::size_t row = 0; row < rows(); ++row) {
    order.resize(queries_[row + 1] - queries_[row]);
    std::iota(order.begin(), order.end(), queries_[row]);
    const std::size_t top = std::min(kJudged, order.size());
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(top),
                              [&](std::size_t a, std::size_t b) {
                                return margins[a] != margins[b] ? margins[a] > margins[b] : labels_[a] < labels_[b];
                              });
    double right = 0, first = 0;
    for (std::size_t rank = 0; rank < top; ++rank) {
      if (targets_[order[rank]] == 0) continue;
      right += 1;
      if (first == 0) first = 1 / static_cast<double>(rank + 1);
    }
    judged[row] = {first == 1 ? 1.0 : 0.0, right / std::max<double>(1, relevant_[row]), first};
  }
  return judged;
}

RowMetrics mean_of(std::span<const RowMetrics> rows) {
  RowMetrics mean{};
  for (const RowMetrics& row : rows)
    for (std::size_t metric = 0; metric < mean.size(); ++metric)
      mean[metric] += row[metric] / static_cast<double>(rows.size());
  return mean;
}

}  // namespace xmr
