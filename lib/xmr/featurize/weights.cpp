#include "xmr/featurize/weights.hpp"

#include <algorithm>
#include <cmath>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/vector_sort.hpp"

namespace xmr {
namespace {

float tf_weight(TermFrequency tf, std::size_t count) {
  switch (tf) {
    case TermFrequency::binary:
      return 1;
    case TermFrequency::log:
      return count == 1 ? 1.0F : static_cast<float>(1 + std::log(static_cast<double>(count)));
    case TermFrequency::count:
    case TermFrequency::position:
    case TermFrequency::word_position:
      break;
  }
  return static_cast<float>(count);
}

// Ends a block: multiplies the entries from `begin` on by idf, drops zeros, normalises, and gives features their
// numbers in the row.
void weigh(const BlockOptions& options, FeatureId first, std::span<const float> idf, std::size_t begin,
           std::vector<std::uint32_t>& indices, std::vector<float>& values) {
  std::size_t kept = begin;
  for (std::size_t i = begin; i < indices.size(); ++i) {
    const float weight = values[i] * (idf.empty() ? 1.0F : idf[indices[i]]);
    indices[kept] = first + indices[i];
    values[kept] = weight;
    kept += static_cast<std::size_t>(weight != 0);
  }
  indices.resize(kept);
  values.resize(kept);
  normalize(std::span(values).subspan(begin), options.norm);
}

void sort_features(std::vector<std::uint32_t>& found) {
  // Measured: 9 ns an item against 17 at 20 items, equal at 14, three times slower at 4.
  constexpr std::size_t kManyEnough = 16;
  if (found.size() < kManyEnough)
    std::sort(found.begin(), found.end());
  else
    vector_sort(found);
}

}  // namespace

float idf_weight(InverseDocumentFrequency idf, std::uint64_t rows, std::uint64_t df) {
  const auto n = static_cast<double>(rows);
  const auto d = static_cast<double>(df);
  switch (idf) {
    case InverseDocumentFrequency::sklearn:
      return static_cast<float>(std::log((1 + n) / (1 + d)) + 1);
    case InverseDocumentFrequency::pecos:
      return static_cast<float>(std::max(std::log(n / (d + 1)), 0.0));
    case InverseDocumentFrequency::none:
      break;
  }
  return 1;
}

void RowWeigher::append(const BlockOptions& options, FeatureId first, std::span<const float> idf,
                        std::vector<std::uint32_t>& found, std::vector<std::uint32_t>& indices,
                        std::vector<float>& values) {
  if (found.empty()) return;
  sort_features(found);
  const std::size_t begin = indices.size();
  indices.resize(begin + found.size());
  counts_.resize(found.size());
  std::uint32_t* const features = indices.data() + begin;
  std::uint32_t* const counts = counts_.data();
  // Without a branch: each occurrence writes its feature and the count so far, and overwrites an equal one before it.
  std::size_t entries = 0;
  std::uint32_t feature = found[0], count = 0;
  for (const std::uint32_t next : found) {
    entries += static_cast<std::size_t>(next != feature);
    count = next == feature ? count + 1 : 1;
    feature = next;
    features[entries] = feature;
    counts[entries] = count;
  }
  ++entries;

  indices.resize(begin + entries);
  values.resize(begin + entries);
  for (std::size_t i = 0; i < entries; ++i)
    values[begin + i] = tf_weight(options.tf, counts[i]);
  weigh(options, first, idf, begin, indices, values);
}

void RowWeigher::append(const BlockOptions& options, FeatureId first, std::span<const float> idf,
                        std::vector<std::uint64_t>& placed, std::vector<std::uint32_t>& indices,
                        std::vector<float>& values) {
  std::ranges::sort(placed);  // sums run in the order of places
  const std::size_t begin = indices.size();
  for (const std::uint64_t item : placed) {
    const auto feature = static_cast<std::uint32_t>(item >> 32), place = static_cast<std::uint32_t>(item);
    if (indices.size() == begin || indices.back() != feature) {
      indices.push_back(feature);
      values.push_back(0);
    }
    values.back() += 1.0F / (static_cast<float>(place) + 1.0F);
  }
  weigh(options, first, idf, begin, indices, values);
}

}  // namespace xmr
