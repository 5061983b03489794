#include "xmr/combine/calibration.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

constexpr int kCalibrationVersion = 1;
constexpr const char *kScores = "calibration/scores", *kProbabilities = "calibration/probabilities",
                     *kThresholds = "calibration/thresholds";

bool are_probabilities(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return value >= 0 && value <= 1; });
}

bool are_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

bool increase(std::span<const float> values) {
  return std::ranges::adjacent_find(values, std::greater_equal<>()) == values.end();
}

std::vector<float> read_array(const NpzFile& file, const char* member) {
  const std::span<const float> values = file.array<float>(member);
  return {values.begin(), values.end()};
}

}  // namespace

Calibration::Calibration(std::vector<float> scores, std::vector<float> probabilities)
    : scores_(std::move(scores)), probabilities_(std::move(probabilities)) {
  assert(!scores_.empty() && scores_.size() == probabilities_.size());
  assert(increase(scores_) && std::ranges::is_sorted(probabilities_) && are_probabilities(probabilities_));
}

void Calibration::set_thresholds(std::vector<float> thresholds) {
  assert(are_probabilities(thresholds));
  thresholds_ = std::move(thresholds);
}

bool Calibration::is_in(const NpzFile& file) {
  return file.has(kScores);
}

Calibration Calibration::read(const NpzFile& file) {
  if (!is_in(file)) throw FormatError(file.name(), "holds no calibration", "xmr-eval fit-calibration makes one");
  std::vector<float> scores = read_array(file, kScores), probabilities = read_array(file, kProbabilities), thresholds;
  if (file.has(kThresholds)) thresholds = read_array(file, kThresholds);
  if (scores.empty() || scores.size() > kMaxKnots || scores.size() != probabilities.size())
    throw FormatError(file.name(), fmt::format("calibration: {} scores and {} probabilities, 1..{} of both are needed",
                                               scores.size(), probabilities.size(), kMaxKnots));
  if (!are_finite(scores) || !increase(scores)) throw FormatError(file.name(), "calibration: scores must increase");
  if (!are_probabilities(probabilities) || !std::ranges::is_sorted(probabilities))
    throw FormatError(file.name(), "calibration: probabilities must not fall and be in 0..1");
  if (!are_probabilities(thresholds)) throw FormatError(file.name(), "thresholds must be in 0..1");
  Calibration calibration(std::move(scores), std::move(probabilities));
  calibration.set_thresholds(std::move(thresholds));
  return calibration;
}

void Calibration::require_labels(std::uint64_t labels, const std::string& name) const {
  if (!thresholds_.empty() && thresholds_.size() != labels)
    throw DataError(name, fmt::format("thresholds of {} labels, {} are needed", thresholds_.size(), labels));
}

std::string Calibration::fingerprint() const {
  return Fingerprint()
      .add(std::span<const float>(scores_))
      .add(std::span<const float>(probabilities_))
      .add(std::span<const float>(thresholds_))
      .hex();
}

void Calibration::write(const std::string& path) const {
  NpzWriter writer(path);
  add_to(writer);
  writer.commit({std::string(kKind), kCalibrationVersion, Json{{"labels", thresholds_.size()}}});
}

void Calibration::write_into(const NpzFile& model, const std::string& path) const {
  if (is_in(model))
    throw DataError(model.name(), "holds a calibration already", "fit it to the model as it was trained");
  NpzWriter writer(path);
  writer.add_arrays(model);
  add_to(writer);
  writer.commit(model.meta());
}

void Calibration::add_to(NpzWriter& writer) const {
  writer.add(kScores, scores_);
  writer.add(kProbabilities, probabilities_);
  if (!thresholds_.empty()) writer.add(kThresholds, thresholds_);
}

float Calibration::operator()(float score) const {
  const auto after = static_cast<std::size_t>(std::ranges::upper_bound(scores_, score) - scores_.begin());
  if (after == 0) return probabilities_.front();
  if (after == scores_.size()) return probabilities_.back();
  const double low = scores_[after - 1], from = probabilities_[after - 1], to = probabilities_[after];
  const double share = (score - low) / (scores_[after] - low);
  return static_cast<float>(from + share * (to - from));
}

}  // namespace xmr
