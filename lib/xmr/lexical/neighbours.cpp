#include "xmr/lexical/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr double kCosineUnit = 1.0 / 65536;  // of values in the index and in the query
constexpr double kShareUnit = 1.0 / 65536;

std::uint32_t whole(double value, double unit) {
  return static_cast<std::uint32_t>(std::max(1.0, std::round(value / unit)));
}

std::vector<double> norms_of(CsrView x) {
  std::vector<double> norms;
  norms.reserve(x.rows);
  for (Row row = 0; row < x.rows; ++row) {
    double squares = 0;
    for (const float value : x.row(row).values) {
      if (!(value >= 0)) throw DataError(fmt::format("neighbours: row {} has the negative value {}", row, value));
      squares += static_cast<double>(value) * static_cast<double>(value);
    }
    norms.push_back(std::sqrt(squares));
  }
  return norms;
}

// The labels of each row, weights above 0 alone.
Postings labels_of_rows(CsrView y, Parallel& parallel) {
  Postings built;
  built.documents = y.cols;
  built.offsets.push_back(0);
  for (Row row = 0; row < y.rows; ++row) {
    const SparseRow labels = y.row(row);
    double sum = 0;
    for (const float weight : labels.values)
      sum += std::max(0.0, static_cast<double>(weight));
    std::uint32_t largest = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!(labels.values[i] > 0)) continue;
      built.postings.push_back({labels.indices[i], whole(static_cast<double>(labels.values[i]) / sum, kShareUnit)});
      largest = std::max(largest, built.postings.back().impact);
    }
    built.offsets.push_back(built.postings.size());
    built.largest.push_back(largest);
  }
  add_checksums(built, parallel);
  return built;
}

}  // namespace

NeighbourPostings build_neighbours(CsrView x, CsrView y, Parallel& parallel) {
  if (x.rows != y.rows) throw DataError(fmt::format("neighbours: {} rows of features, {} of labels", x.rows, y.rows));
  const std::vector<double> norms = norms_of(x);
  const auto impacts = [&](SparseRow rows, std::span<std::uint32_t> found) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      found[i] = whole(static_cast<double>(rows.values[i]) / norms[rows.indices[i]], kCosineUnit);
  };
  const auto share = static_cast<std::uint64_t>(kShareOfFeature * static_cast<double>(x.rows));
  return {invert(x, impacts, parallel, std::max(kMinRowsOfFeature, share)), labels_of_rows(y, parallel)};
}

void write_neighbours(NpzWriter& out, const std::string& prefix, const NeighbourPostings& built) {
  write_postings(out, prefix + "rows/", built.rows);
  write_postings(out, prefix + "labels/", built.labels);
}

NeighbourIndex::NeighbourIndex(const NpzFile& file, const std::string& prefix, std::uint64_t features,
                               std::uint64_t labels)
    : labels_(file, prefix + "labels/", file.array<std::uint32_t>(prefix + "labels/largest").size(), labels),
      rows_(file, prefix + "rows/", features, labels_.features()) {}

NeighbourSearch::NeighbourSearch(const NeighbourIndex& index, std::uint32_t k, std::uint32_t neighbours)
    : index_(index), search_(index.rows(), neighbours), k_(k), sums_(index.labels().documents()) {
  if (k == 0) throw ConfigError("k: 0 answers wanted, at least 1 is needed");
}

SparseRow NeighbourSearch::operator()(SparseRow query) {
  double squares = 0;
  for (const float value : query.values)
    squares += static_cast<double>(value) * static_cast<double>(value);
  const double norm = std::sqrt(squares);
  for (std::size_t i = 0; i < query.size(); ++i)
    if (query.values[i] > 0)
      search_.add(query.indices[i], whole(static_cast<double>(query.values[i]) / norm, kCosineUnit));
  const std::span<const SummedDocument> rows = search_.run();
  for (const SummedDocument& row : rows)
    index_.labels().fetch(row.document);
  for (const SummedDocument& row : rows) {
    const double cosine = static_cast<double>(row.sum) * kCosineUnit * kCosineUnit;
    const double cube = cosine * cosine * cosine * kShareUnit;
    for (const Posting& label : index_.labels()[row.document].postings) {
      Sum& sum = sums_[label.document];
      if (sum.nearest == 0) met_.push_back(label.document);
      sum.score += cube * label.impact;
      sum.nearest = std::max(sum.nearest, static_cast<float>(cosine));
    }
  }
  const auto better = [&](LabelId a, LabelId b) {
    return sums_[a].score != sums_[b].score ? sums_[a].score > sums_[b].score : a < b;
  };
  const std::size_t wanted = std::min<std::size_t>(k_, met_.size());
  std::ranges::partial_sort(met_, met_.begin() + static_cast<std::ptrdiff_t>(wanted), better);
  labels_.assign(met_.begin(), met_.begin() + static_cast<std::ptrdiff_t>(wanted));
  scores_.clear();
  nearest_.clear();
  for (const LabelId label : labels_) {
    scores_.push_back(static_cast<float>(sums_[label].score));
    nearest_.push_back(sums_[label].nearest);
  }
  for (const LabelId label : met_)
    sums_[label] = {};
  met_.clear();
  return {labels_, scores_};
}

}  // namespace xmr
