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

// Between the two nearest values where the quantile falls between them (as numpy.quantile does).
double quantile(const std::vector<double>& sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

}  // namespace

Interval bootstrap_interval(const RowScores& scores, Bootstrap options, Parallel& parallel) {
  std::vector<double> values(options.samples);
  parallel.for_each(options.samples, [&](std::size_t sample, unsigned) {
    values[sample] = resampled_value(scores, Random(options.seed, sample));
  });
  std::ranges::sort(values);
  return {quantile(values, 0.025), quantile(values, 0.975)};
}

}  // namespace xmr
