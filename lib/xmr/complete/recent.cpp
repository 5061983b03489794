#include "xmr/complete/recent.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/exp_log.hpp"

namespace xmr {
namespace {

constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;
constexpr std::array<std::int64_t, 7> kHalfLives = {kHour, 6 * kHour, kDay, 3 * kDay, 7 * kDay, 30 * kDay, 90 * kDay};
constexpr std::array<double, 4> kWeights = {0.1, 0.2, 0.5, 0.8};  // of the share of fading counts
constexpr double kLeastShare = 1e-9;                              // of a label without counts

// Returns 2^(-age / half_life).
double faded(double age, std::int64_t half_life) {
  return static_cast<double>(
      portable_exp(static_cast<float>(-age / static_cast<double>(half_life) * std::numbers::ln2)));
}

double age_of(std::int64_t time, std::int64_t latest) {
  return static_cast<double>(latest) - static_cast<double>(time);
}

std::vector<std::uint32_t> in_units(std::span<const double> counts) {
  std::vector<std::uint32_t> units(counts.size());
  std::ranges::transform(counts, units.begin(), [](double count) {
    constexpr double kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(std::round(count * Recent::kUnit), kMost));
  });
  return units;
}

std::string times_member(const std::string& prefix) {
  return prefix + "times";
}

}  // namespace

Recent Recent::find(const NpzFile& file, const std::string& prefix, std::uint64_t labels) {
  Recent recent;
  const std::string member = times_member(prefix);
  if (!file.has(member)) return recent;
  file.check(member);
  const auto times = file.array<std::int64_t>(member);
  if (times.size() != 2 || times[0] <= 0)
    throw FormatError(file.name(), fmt::format("member {}: not a half-life above 0 and a time", member));
  recent.counts_ = Popular::read(file, prefix, labels);
  recent.half_life_ = times[0];
  recent.latest_ = times[1];
  return recent;
}

RecentTable::RecentTable(std::span<const double> counts, std::int64_t half_life, std::int64_t latest)
    : counts_(in_units(counts)), half_life_(half_life), latest_(latest) {}

void RecentTable::write(NpzWriter& out, const std::string& prefix) const {
  counts_.write(out, prefix);
  out.add(times_member(prefix), std::vector<std::int64_t>{half_life_, latest_});
}

Recent RecentTable::view() const {
  Recent view;
  view.counts_ = counts_.view();
  view.half_life_ = half_life_;
  view.latest_ = latest_;
  return view;
}

RecentCounter::RecentCounter(const Recent& before, std::span<const LabelId> number_of, std::uint64_t labels)
    : before_half_life_(before.half_life()), before_latest_(before.latest()), latest_(before.latest()) {
  if (before.empty()) return;
  before_.resize(labels);
  for (LabelId label = 0; label < number_of.size(); ++label)
    if (number_of[label] < labels) before_[number_of[label]] = before.count(label);
}

void RecentCounter::add(LabelId label, std::int64_t time) {
  latest_ = labels_.empty() && before_.empty() ? time : std::max(latest_, time);
  labels_.push_back(label);
  times_.push_back(time);
}

std::vector<double> RecentCounter::counts(std::uint64_t labels, std::int64_t half_life) const {
  std::vector<double> counts(labels, 0);
  const double kept = before_.empty() ? 0 : faded(age_of(before_latest_, latest_), half_life);
  for (std::size_t label = 0; label < before_.size(); ++label)
    counts[label] = kept * before_[label];
  for (std::size_t i = 0; i < labels_.size(); ++i)
    counts[labels_[i]] += faded(age_of(times_[i], latest_), half_life);
  return counts;
}

std::optional<std::int64_t> RecentCounter::half_life(std::uint64_t labels, std::span<const LabelId> held_out) const {
  if (!before_.empty()) return before_half_life_;
  if (labels_.empty() || held_out.empty()) return std::nullopt;
  std::vector<double> all(labels, 0);
  for (const LabelId label : labels_)
    ++all[label];
  const auto rows = static_cast<double>(labels_.size());
  const auto mean_log = [&](std::span<const double> fading, double total, double weight) {
    double sum = 0;
    for (const LabelId label : held_out)
      sum += portable_log(weight * fading[label] / total + (1 - weight) * all[label] / rows + kLeastShare);
    return sum / static_cast<double>(held_out.size());
  };
  double best = mean_log(all, rows, 0) + kLeastGain;
  std::optional<std::int64_t> found;
  for (const std::int64_t half_life : kHalfLives) {
    const std::vector<double> fading = counts(labels, half_life);
    const double total = std::accumulate(fading.begin(), fading.end(), 0.0);
    for (const double weight : kWeights) {
      const double reached = mean_log(fading, total, weight);
      if (reached <= best) continue;
      best = reached;
      found = half_life;
    }
  }
  return found;
}

RecentTable RecentCounter::table(std::uint64_t labels, std::int64_t half_life) const {
  return {counts(labels, half_life), half_life, latest_};
}

}  // namespace xmr
