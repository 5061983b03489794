#include "xmr/boost/margin_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlockTiles = 64;
constexpr double kLargest = 1e9;  // of a factor and a constant

void require_columns(std::size_t needed, std::size_t columns) {
  if (needed > columns) throw ConfigError(fmt::format("margins: {} columns, {} are needed", columns, needed));
}

}  // namespace

void MarginModel::set_logistic(LogisticWeights logistic) {
  require_columns(logistic.columns(), columns_);
  logistic_ = std::move(logistic);
}

void MarginModel::set_trees(BoostedTrees trees) {
  require_columns(trees.columns(), columns_);
  trees_ = std::move(trees);
}

void MarginModel::write(NpzWriter& out, const std::string& prefix) const {
  logistic_.write(out, prefix + "logistic/");
  trees_.write(out, prefix + "trees/");
  std::vector<double> calibration;
  if (calibration_) calibration = {calibration_->factor, calibration_->constant};
  out.add(prefix + "calibration", calibration);
}

MarginModel MarginModel::read(const NpzFile& file, const std::string& prefix, std::size_t columns) {
  MarginModel model(columns);
  model.logistic_ = LogisticWeights::read(file, prefix + "logistic/", columns);
  model.trees_ = BoostedTrees::read(file, prefix + "trees/", columns);
  const auto calibration = file.array<double>(prefix + "calibration");
  if (calibration.empty()) return model;
  if (calibration.size() != 2 || !(calibration[0] > 0 && calibration[0] <= kLargest) ||
      !(std::fabs(calibration[1]) <= kLargest))
    throw FormatError(file.name(),
                      fmt::format("{}calibration: no positive factor and constant up to {}", prefix, kLargest));
  model.set_calibration({calibration[0], calibration[1]});
  return model;
}

MarginScorer::MarginScorer(const MarginModel& model) : model_(model), tile_(model.columns() * kTileCandidates) {}

void MarginScorer::operator()(EvidenceView evidence, std::span<double> margins) {
  score(evidence, margins);
  if (model_.calibration()) model_.calibration()->apply(margins);
}

void MarginScorer::score(EvidenceView evidence, std::span<double> margins) {
  const std::size_t columns = model_.columns();
  std::array<float, kTileCandidates> sums;
  std::array<double, kTileCandidates> logistic;
  for (std::size_t first = 0; first < margins.size(); first += kTileCandidates) {
    const std::size_t count = std::min(kTileCandidates, margins.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      const std::span<const float> row = evidence.row(first + i);
      for (std::size_t column = 0; column < columns; ++column)
        tile_[column * kTileCandidates + i] = row[column];
    }
    model_.logistic().margins(tile_, logistic);
    sums.fill(0);
    model_.trees().add_to(sums, count, tile_, 0, model_.trees().trees());
    for (std::size_t i = 0; i < count; ++i)
      margins[first + i] = logistic[i] + static_cast<double>(sums[i]);
  }
}

std::vector<double> margins_of(const MarginModel& model, EvidenceView evidence, Parallel& parallel) {
  std::vector<double> margins(evidence.candidates());
  parallel.for_blocks(margins.size(), kBlockTiles * kTileCandidates, [&](std::size_t begin, std::size_t end, unsigned) {
    MarginScorer scorer(model);
    scorer.score(
        {evidence.values.subspan(begin * evidence.columns, (end - begin) * evidence.columns), evidence.columns},
        std::span(margins).subspan(begin, end - begin));
  });
  return margins;
}

}  // namespace xmr
