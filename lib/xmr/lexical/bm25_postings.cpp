#include "xmr/lexical/bm25_postings.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

void check(const Bm25Options& options) {
  if (!(options.k1 >= 0 && options.k1 <= Bm25Options::kLargestK1))
    throw ConfigError(fmt::format("k1: {} is outside 0..{}", options.k1, Bm25Options::kLargestK1));
  if (!(options.b >= 0 && options.b <= 1)) throw ConfigError(fmt::format("b: {} is outside 0..1", options.b));
}

std::vector<double> lengths_of(CsrView documents) {
  std::vector<double> lengths;
  lengths.reserve(documents.rows);
  for (Row label = 0; label < documents.rows; ++label) {
    const auto counts = documents.row(label).values;
    lengths.push_back(std::accumulate(counts.begin(), counts.end(), 0.0));
  }
  return lengths;
}

std::uint32_t impact_of(double idf, double tf, double discount, const Bm25Options& options) {
  const double impact = idf * tf * (options.k1 + 1) / (tf + options.k1 * discount);
  // At most 23 · 101 · 2^16 < 2^28.
  return std::max(1U, static_cast<std::uint32_t>(std::lround(impact / kImpactUnit)));
}

void scale(Postings& built, const std::vector<float>& factors, Parallel& parallel) {
  for (std::size_t feature = 0; feature + 1 < built.offsets.size(); ++feature) {
    if (factors[feature] == 1) continue;
    const auto scaled = [&](std::uint32_t impact) {
      return impact == 0
                 ? 0U
                 : std::max(1U,
                            static_cast<std::uint32_t>(std::lround(static_cast<double>(factors[feature]) * impact)));
    };
    built.largest[feature] = scaled(built.largest[feature]);
    for (std::uint64_t i = built.offsets[feature]; i < built.offsets[feature + 1]; ++i)
      built.postings[i].impact = scaled(built.postings[i].impact);
  }
  add_checksums(built, parallel);
}

}  // namespace

Bm25Postings build_postings(CsrView documents, const Bm25Options& options, Parallel& parallel,
                            std::uint64_t max_labels) {
  check(options);
  const std::vector<double> lengths = lengths_of(documents);
  Bm25Postings built;
  built.filled = documents.rows - static_cast<std::uint64_t>(std::ranges::count(lengths, 0.0));
  if (built.filled == 0) throw DataError("BM25: no label has a document with a known word");
  const auto n = static_cast<double>(built.filled);
  built.mean_length = std::accumulate(lengths.begin(), lengths.end(), 0.0) / n;
  std::vector<double> discounts;  // by label
  discounts.reserve(lengths.size());
  for (const double length : lengths)
    discounts.push_back(1 - options.b + options.b * length / built.mean_length);

  const auto impacts = [&](SparseRow labels, std::span<std::uint32_t> found) {
    const auto df = static_cast<double>(labels.size());
    const double idf = std::log(1 + (n - df + 0.5) / (df + 0.5));
    for (std::size_t i = 0; i < labels.size(); ++i)
      found[i] = impact_of(idf, labels.values[i], discounts[labels.indices[i]], options);
  };
  static_cast<Postings&>(built) = invert(documents, impacts, parallel, max_labels);
  if (!options.factors.empty()) scale(built, options.factors, parallel);
  return built;
}

}  // namespace xmr
