#include "xmr/evaluate/measure.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace xmr {

Discounts::Discounts(const Judged& judged, std::uint32_t k) {
  std::uint64_t longest = 0;
  for (Row r = 0; r < judged.ranked.rows; ++r)
    longest = std::max({longest, judged.hits_of(r).size(), std::uint64_t{judged.relevant[r]}});
  places.resize(std::min<std::uint64_t>(longest, k));
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] = 1 / std::log2(static_cast<double>(i + 2));
    ideal.push_back(ideal.back() + places[i]);
  }
}

double JudgedRow::count_hits() const {
  return std::accumulate(hits.begin(), hits.end(), 0.0);
}

float JudgedRow::weight(std::size_t i) const {
  const auto found = std::ranges::lower_bound(truth.indices, ranked.indices[i]);
  return truth.values[static_cast<std::size_t>(found - truth.indices.begin())];
}

std::vector<LabelCounts> counts_of_labels(const Judged& judged, std::uint32_t k) {
  std::vector<LabelCounts> counts(judged.truth.cols);
  for (std::size_t i = 0; i < judged.truth.indices.size(); ++i)
    if (judged.truth.values[i] > 0) ++counts[judged.truth.indices[i]].relevant;
  for (Row row = 0; row < judged.ranked.rows; ++row) {
    const auto hits = judged.hits_of(row);
    const SparseRow ranked = judged.ranked.row(row);
    for (std::size_t i = 0; i < std::min<std::size_t>(k, hits.size()); ++i) {
      ++counts[ranked.indices[i]].answers;
      counts[ranked.indices[i]].hits += hits[i];
    }
  }
  return counts;
}

}  // namespace xmr
