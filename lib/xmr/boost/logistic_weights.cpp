#include "xmr/boost/logistic_weights.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kNumbers = 5;  // of a column in the file

}  // namespace

double ColumnWeights::standardised(float x) const {
  return std::clamp((static_cast<double>(x) - center) / scale, -kMaxDistance, kMaxDistance);
}

double LogisticWeights::margin(std::span<const float> row) const {
  double sum = constant;
  for (std::size_t column = 0; column < of_columns.size(); ++column) {
    const ColumnWeights& weights = of_columns[column];
    const double z = weights.standardised(row[column]);
    sum += std::isnan(row[column]) ? weights.missing : weights.linear * z + weights.bounded * z / (1 + std::fabs(z));
  }
  return sum;
}

void LogisticWeights::write(NpzWriter& out, const std::string& prefix) const {
  std::vector<double> numbers;
  for (const ColumnWeights& column : of_columns)
    numbers.insert(numbers.end(), {column.center, column.scale, column.linear, column.bounded, column.missing});
  numbers.push_back(constant);
  out.add(prefix + "weights", numbers);
}

LogisticWeights LogisticWeights::read(const NpzFile& file, const std::string& prefix, std::size_t columns) {
  const auto numbers = file.array<double>(prefix + "weights");
  const auto fail = [&](const std::string& fault) {
    throw FormatError(file.name(), fmt::format("{}weights: {}", prefix, fault));
  };
  if (numbers.size() % kNumbers != 1 || numbers.size() / kNumbers > columns)
    fail(fmt::format("{} entries, 5 a column and 1 are needed, of at most {} columns", numbers.size(), columns));
  for (const double number : numbers)
    if (!(std::fabs(number) <= 1e30)) fail(fmt::format("{} is outside -1e30..1e30", number));
  LogisticWeights weights{numbers.back(), {}};
  for (std::size_t i = 0; i + kNumbers <= numbers.size(); i += kNumbers) {
    if (!(numbers[i + 1] > 0)) fail(fmt::format("scale {} is not positive", numbers[i + 1]));
    weights.of_columns.push_back({numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3], numbers[i + 4]});
  }
  return weights;
}

}  // namespace xmr
