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

}  // namespace xmr
