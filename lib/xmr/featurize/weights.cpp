#include "xmr/featurize/weights.hpp"

#include <algorithm>
#include <cmath>

#include "xmr/sparse/operations.hpp"

namespace xmr {
namespace {

float tf_weight(TermFrequency tf, std::size_t count) {
  switch (tf) {
    case TermFrequency::binary:
      return 1;
    case TermFrequency::log:
      return count == 1 ? 1.0F : static_cast<float>(1 + std::log(static_cast<double>(count)));
    default:
      return static_cast<float>(count);
  }
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
    default:
      return 1;
  }
}

void append_block(const BlockOptions& options, FeatureId first, std::span<const float> idf,
                  std::vector<std::uint32_t>& found, std::vector<std::uint32_t>& indices, std::vector<float>& values) {
  std::sort(found.begin(), found.end());
  const std::size_t begin = values.size();
  for (std::size_t i = 0; i < found.size();) {
    const std::uint32_t feature = found[i];
    std::size_t count = 0;
    for (; i < found.size() && found[i] == feature; ++i)
      ++count;
    const float weight = tf_weight(options.tf, count) * (idf.empty() ? 1.0F : idf[feature]);
    if (weight == 0) continue;
    indices.push_back(first + feature);
    values.push_back(weight);
  }
  normalize(std::span(values).subspan(begin), options.norm);
}

}  // namespace xmr
