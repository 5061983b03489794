#include "support/plain_bm25.hpp"

#include <algorithm>
#include <cmath>

namespace xmr::test {

PlainBm25::PlainBm25(CsrView documents, Bm25Options options) : documents_(documents), options_(options) {
  double words = 0;
  for (LabelId label = 0; label < documents.rows; ++label) {
    words += length(label);
    labels_with_document_ += length(label) > 0 ? 1 : 0;
  }
  mean_length_ = words / labels_with_document_;
}

double PlainBm25::count(LabelId label, FeatureId feature) const {
  const SparseRow document = documents_.row(label);
  for (std::size_t i = 0; i < document.size(); ++i)
    if (document.indices[i] == feature) return document.values[i];
  return 0;
}

double PlainBm25::length(LabelId label) const {
  double words = 0;
  for (const float value : documents_.row(label).values)
    words += value;
  return words;
}

double PlainBm25::impact(LabelId label, FeatureId feature) const {
  const double tf = count(label, feature);
  double df = 0;
  for (LabelId other = 0; other < documents_.rows; ++other)
    df += count(other, feature) > 0 ? 1 : 0;
  const double idf = std::log(1 + (labels_with_document_ - df + 0.5) / (df + 0.5));
  const double k1 = options_.k1, b = options_.b;
  return tf == 0 ? 0 : idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length(label) / mean_length_));
}

std::vector<std::pair<LabelId, float>> PlainBm25::rank(SparseRow query, std::size_t k) const {
  std::vector<std::pair<double, LabelId>> scored;
  for (LabelId label = 0; label < documents_.rows; ++label) {
    double score = 0;
    for (std::size_t i = 0; i < query.size(); ++i) {
      const double exact = impact(label, query.indices[i]);
      const double rounded = std::max(std::round(exact / kImpactUnit), 1.0) * kImpactUnit;
      score += exact == 0 ? 0 : query.values[i] * rounded;
    }
    if (score > 0) scored.emplace_back(-score, label);
  }
  std::sort(scored.begin(), scored.end());
  std::vector<std::pair<LabelId, float>> ranked;
  for (std::size_t i = 0; i < std::min(k, scored.size()); ++i)
    ranked.emplace_back(scored[i].second, static_cast<float>(-scored[i].first));
  return ranked;
}

CsrMatrix random_counts(Random& random, std::uint64_t rows, std::uint32_t features) {
  CsrMatrix counts(features);
  for (std::uint64_t row = 0; row < rows; ++row) {
    const bool empty = random.below(8) == 0;
    for (std::uint32_t feature = 0; feature < features && !empty; ++feature)
      if (random.below(feature + 2) < 2) counts.push(feature, static_cast<float>(1 + random.below(3)));
    counts.end_row();
  }
  return counts;
}

}  // namespace xmr::test
