#include "xmr/evaluate/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "xmr/util/random.hpp"

namespace xmr {
namespace {

double resampled_value(const RowScores& scores, Random random) {
  const std::size_t rows = scores.gained.size();
  const bool is_mean = scores.attainable.empty();
  double gained = 0, attainable = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t row = random.below(rows);
    gained += scores.gained[row];
    attainable += is_mean ? 1 : scores.attainable[row];
  }
  return attainable > 0 ? gained / attainable : 0;
}

// Interpolates linearly between the two nearest values, as numpy.quantile does.
double quantile(const std::vector<double>& sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

// Returns value(random) of all samples in increasing order.
template <class Value>
std::vector<double> resampled(Bootstrap options, Parallel& parallel, const Value& value) {
  std::vector<double> values(options.samples);
  parallel.for_each(options.samples,
                    [&](std::size_t sample, unsigned) { values[sample] = value(Random(options.seed, sample)); });
  std::ranges::sort(values);
  return values;
}

Interval interval_of(const std::vector<double>& sorted) {
  return {quantile(sorted, 0.025), quantile(sorted, 0.975)};
}

}  // namespace

Interval bootstrap_interval(const RowScores& scores, Bootstrap options, Parallel& parallel) {
  return interval_of(resampled(options, parallel, [&](Random random) { return resampled_value(scores, random); }));
}

Difference bootstrap_difference(const RowScores& ours, const RowScores& theirs, Bootstrap options, Parallel& parallel) {
  const std::vector<double> values = resampled(options, parallel, [&](Random random) {
    return resampled_value(ours, random) - resampled_value(theirs, random);  // on the same rows
  });
  const auto [first, last] = std::equal_range(values.begin(), values.end(), 0.0);
  const auto rarer = static_cast<double>(std::min(last - values.begin(), values.end() - first));
  return {ours.value() - theirs.value(), interval_of(values),
          std::min(1.0, 2 * (rarer + 1) / (static_cast<double>(values.size()) + 1))};
}

}  // namespace xmr
