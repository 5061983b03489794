#include "xmr/boost/slopes.hpp"

#include <algorithm>
#include <cmath>

#include "xmr/util/exp_log.hpp"
#include "xmr/util/logistic_loss.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlockQueries = 64;

Slopes whole(double slope, double curvature) {
  return {std::llrint(slope / Slopes::kSlopeUnit),
          static_cast<std::uint64_t>(std::llrint(curvature / Slopes::kCurvatureUnit)) +
              (std::uint64_t{1} << Slopes::kCountShift)};
}

// The candidates of a query under softmax.
struct Softmax {
  double largest = 0, sum = 0;  // of margins; of exp(z - largest)
  double relevant = 0;          // Σ y w

  Softmax(const LabelledEvidence& data, std::span<const double> margins, std::uint64_t begin, std::uint64_t end) {
    if (begin == end) return;
    largest = *std::max_element(margins.begin() + static_cast<std::ptrdiff_t>(begin),
                                margins.begin() + static_cast<std::ptrdiff_t>(end));
    for (std::uint64_t i = begin; i < end; ++i) {
      sum += exponential(margins[i]);
      if (data.targets[i] != 0) relevant += static_cast<double>(data.weight(i));
    }
  }
  double exponential(double margin) const {
    return static_cast<double>(portable_exp(static_cast<float>(margin - largest)));
  }
};

}  // namespace

double weight_unit(const LabelledEvidence& data) {
  const double largest = data.weights.empty() ? 1.0 : static_cast<double>(*std::ranges::max_element(data.weights));
  return largest > 0 ? largest : 1.0;
}

void find_slopes(Objective objective, const LabelledEvidence& data, std::span<const double> margins, double unit,
                 std::span<Slopes> slopes, Parallel& parallel) {
  const auto logistic = [&](std::uint64_t i) {
    const double p = sigmoid(margins[i]), w = static_cast<double>(data.weight(i)) / unit;
    slopes[i] = whole(w * (p - data.targets[i]), w * p * (1 - p));
  };
  const auto softmax = [&](std::uint64_t begin, std::uint64_t end) {
    const Softmax query(data, margins, begin, end);
    for (std::uint64_t i = begin; i < end; ++i) {
      const double p = query.exponential(margins[i]) / query.sum;
      const double t = data.targets[i] != 0 ? static_cast<double>(data.weight(i)) / query.relevant : 0.0;
      slopes[i] = query.relevant > 0 ? whole(p - t, p * (1 - p)) : whole(0, 0);
    }
  };
  parallel.for_blocks(data.number_of_queries(), kBlockQueries, [&](std::size_t first, std::size_t last, unsigned) {
    for (std::size_t query = first; query < last; ++query) {
      const std::uint64_t begin = data.queries[query], end = data.queries[query + 1];
      if (objective == Objective::softmax) {
        softmax(begin, end);
      } else {
        for (std::uint64_t i = begin; i < end; ++i)
          logistic(i);
      }
    }
  });
}

double mean_loss(Objective objective, const LabelledEvidence& data, std::span<const double> margins,
                 Parallel& parallel) {
  struct Loss {
    double sum = 0, weight = 0;
  };
  const std::size_t queries = data.number_of_queries();
  std::vector<Loss> blocks((queries + kBlockQueries - 1) / kBlockQueries);
  parallel.for_blocks(queries, kBlockQueries, [&](std::size_t first, std::size_t last, unsigned) {
    Loss& loss = blocks[first / kBlockQueries];
    for (std::size_t query = first; query < last; ++query) {
      const std::uint64_t begin = data.queries[query], end = data.queries[query + 1];
      if (objective == Objective::softmax) {
        const Softmax softmax(data, margins, begin, end);
        if (!(softmax.relevant > 0)) continue;
        for (std::uint64_t i = begin; i < end; ++i)
          if (data.targets[i] != 0)
            loss.sum += static_cast<double>(data.weight(i)) / softmax.relevant *
                        (portable_log(softmax.sum) - (margins[i] - softmax.largest));
        loss.weight += 1;
      } else {
        for (std::uint64_t i = begin; i < end; ++i) {
          const auto weight = static_cast<double>(data.weight(i));
          loss.sum += weight * softplus(data.targets[i] != 0 ? -margins[i] : margins[i]);
          loss.weight += weight;
        }
      }
    }
  });
  Loss total;
  for (const Loss& block : blocks) {
    total.sum += block.sum;
    total.weight += block.weight;
  }
  return total.weight > 0 ? total.sum / total.weight : 0.0;
}

}  // namespace xmr
