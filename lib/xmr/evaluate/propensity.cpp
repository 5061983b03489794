#include "xmr/evaluate/propensity.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace xmr {

std::vector<double> inverse_propensities(CsrView train_labels, PropensityModel model) {
  std::vector<std::uint64_t> rows_of(train_labels.cols, 0);
  for (std::size_t i = 0; i < train_labels.indices.size(); ++i)
    if (train_labels.values[i] > 0) ++rows_of[train_labels.indices[i]];

  const double n = static_cast<double>(std::max<std::uint64_t>(train_labels.rows, 1));
  const double c = std::max(0.0, std::log(n) - 1) * std::pow(model.b + 1, model.a);
  std::vector<double> inverse(train_labels.cols);
  std::ranges::transform(rows_of, inverse.begin(), [&](std::uint64_t rows) {
    return 1 + c * std::pow(static_cast<double>(rows) + model.b, -model.a);
  });
  return inverse;
}

}  // namespace xmr
