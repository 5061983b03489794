#include "xmr/predict/feature_spaces.hpp"

#include <numeric>

#include <fmt/format.h>

#include "xmr/model/chunk.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

void FeatureSpaces::check() const {
  const std::uint64_t all = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
  if (all > kNoFeature) throw DataError(fmt::format("{} features of all models together, at most {}", all, kNoFeature));
}

void JoinedRow::clear() {
  first_ = 0;
  indices_.clear();
  values_.clear();
}

void JoinedRow::append(SparseRow row, std::uint64_t features) {
  for (const FeatureId feature : row.indices)
    indices_.push_back(static_cast<FeatureId>(first_ + feature));
  values_.insert(values_.end(), row.values.begin(), row.values.end());
  first_ += features;
}

}  // namespace xmr
