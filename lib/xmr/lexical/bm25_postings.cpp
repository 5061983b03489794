#include "xmr/lexical/bm25_postings.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

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

PostingsPiece piece_of(const Bm25Postings& all, std::size_t number) {
  const std::size_t first = number * kPieceFeatures;
  const std::size_t count = std::min(kPieceFeatures, all.largest.size() - first);
  const std::uint64_t begin = all.offsets[first], end = all.offsets[first + count];
  return {std::span(all.offsets).subspan(first, count + 1), std::span(all.largest).subspan(first, count),
          std::span(all.postings).subspan(begin, end - begin)};
}

}  // namespace

Bm25Postings build_postings(CsrView documents, const Bm25Options& options, Parallel& parallel) {
  check(options);
  const std::vector<double> lengths = lengths_of(documents);
  Bm25Postings built;
  built.labels = documents.rows;
  built.documents = documents.rows - static_cast<std::uint64_t>(std::ranges::count(lengths, 0.0));
  if (built.documents == 0) throw DataError("BM25: no label has a document with a known word");
  const auto n = static_cast<double>(built.documents);
  built.mean_length = std::accumulate(lengths.begin(), lengths.end(), 0.0) / n;
  std::vector<double> discounts;  // by label
  discounts.reserve(lengths.size());
  for (const double length : lengths)
    discounts.push_back(1 - options.b + options.b * length / built.mean_length);

  const CsrMatrix by_feature = transpose(documents);
  const CsrView view = by_feature.view();
  built.offsets.assign(view.indptr.begin(), view.indptr.end());
  built.largest.resize(view.rows);
  built.postings.resize(view.nnz());
  built.checksums.resize((view.rows + kPieceFeatures - 1) / kPieceFeatures);
  parallel.for_blocks(view.rows, kPieceFeatures, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t feature = begin; feature < end; ++feature) {
      const SparseRow labels = view.row(feature);
      const auto df = static_cast<double>(labels.size());
      const double idf = std::log(1 + (n - df + 0.5) / (df + 0.5));
      for (std::size_t i = 0; i < labels.size(); ++i) {
        const LabelId label = labels.indices[i];
        const std::uint32_t impact = impact_of(idf, labels.values[i], discounts[label], options);
        built.postings[view.indptr[feature] + i] = {label, impact};
        built.largest[feature] = std::max(built.largest[feature], impact);
      }
    }
    const std::size_t piece = begin / kPieceFeatures;
    built.checksums[piece] = checksum(piece_of(built, piece), piece);
  });
  return built;
}

std::uint64_t checksum(const PostingsPiece& piece, std::size_t number) {
  return hash64(piece.postings, hash64(piece.largest, hash64(piece.offsets, number)));
}

std::string find_fault(const PostingsPiece& piece, std::uint64_t labels) {
  for (std::size_t feature = 0; feature < piece.largest.size(); ++feature) {
    const std::uint64_t begin = piece.offsets[feature] - piece.offsets.front();
    std::uint32_t largest = 0;
    for (std::uint64_t i = begin; i < piece.offsets[feature + 1] - piece.offsets.front(); ++i) {
      const Posting posting = piece.postings[i];
      if (posting.label >= labels) return fmt::format("label {} is outside 0..{}", posting.label, labels - 1);
      if (i > begin && posting.label <= piece.postings[i - 1].label)
        return "the labels of a feature are not increasing";
      if (posting.impact == 0) return "an impact is 0";
      largest = std::max(largest, posting.impact);
    }
    if (largest != piece.largest[feature]) return "a largest impact is not that of the postings";
  }
  return {};
}

}  // namespace xmr
