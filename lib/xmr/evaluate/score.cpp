#include "xmr/evaluate/score.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include "xmr/evaluate/bleu.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr std::size_t kRowsPerStep = 4096;

// Compensated (Neumaier), so that a mean of many thirds is not off in its 14th digit.
double sum(std::span<const double> values) {
  double total = 0, lost = 0;
  for (const double value : values) {
    const double next = total + value;
    lost += std::fabs(total) >= std::fabs(value) ? (total - next) + value : (value - next) + total;
    total = next;
  }
  return total + lost;
}

// Scores one row after another by one metric. Thread rule: const methods from any thread.
class RowScorer {
 public:
  RowScorer(const Judged& judged, Metric metric, const MetricInputs& inputs)
      : judged_(judged), metric_(metric), inputs_(inputs) {
    if (metric.measure == Measure::ndcg) prepare_discounts();
  }

  double gained(Row r) const {
    const auto hits = judged_.hits_of(r).first(std::min<std::size_t>(metric_.k, judged_.hits_of(r).size()));
    const double relevant = judged_.relevant[r];
    switch (metric_.measure) {
      case Measure::precision:
        return count(hits) / metric_.k;
      case Measure::recall:
        return count(hits) / std::max(relevant, 1.0);
      case Measure::ndcg:
        return relevant == 0 ? 0 : discounted(hits) / ideal_[std::min(metric_.k, judged_.relevant[r])];
      case Measure::mrr:
        return reciprocal_of_first(hits);
      case Measure::success:
        return count(hits) > 0 ? 1 : 0;
      case Measure::answered:
        return hits.size() == metric_.k ? 1 : 0;
      case Measure::psp:
        return propensity_weighted(hits, judged_.ranked.row(r));
      case Measure::keystrokes:
        return count(hits) > 0 ? left_to_type(r) : 0;
      case Measure::bleu:
        return bleu_of_list(judged_.ranked.row(r), inputs_.requests->next[r]);
      case Measure::micro_precision:
      case Measure::micro_recall:
        return count(hits);
      case Measure::micro_f1:
        return 2 * count(hits);
      case Measure::log_loss:
        return losses(hits, judged_.ranked.row(r).values);
      default:
        break;
    }
    return 0;
  }

  // Is what a row can gain not 1 for every row?
  bool has_attainable() const {
    switch (metric_.measure) {
      case Measure::psp:
      case Measure::keystrokes:
      case Measure::micro_precision:
      case Measure::micro_recall:
      case Measure::micro_f1:
      case Measure::log_loss:
        return true;
      default:
        return false;
    }
  }

  // What the gains of rows are counted against: by psp the best possible list of k labels.
  double attainable(Row r, std::vector<double>& scratch) const {
    const double answers = std::min<double>(metric_.k, static_cast<double>(judged_.hits_of(r).size()));
    switch (metric_.measure) {
      case Measure::keystrokes:
        return static_cast<double>(count_points(inputs_.requests->next[r]));
      case Measure::micro_recall:
        return judged_.relevant[r];
      case Measure::micro_f1:
        return answers + judged_.relevant[r];
      case Measure::micro_precision:
      case Measure::log_loss:
        return answers;
      default:
        return best_weights(r, scratch);
    }
  }

 private:
  double best_weights(Row r, std::vector<double>& scratch) const {
    const SparseRow truth = judged_.truth.row(r);
    scratch.clear();
    for (std::size_t i = 0; i < truth.size(); ++i)
      if (truth.values[i] > 0) scratch.push_back(inputs_.inverse_propensities[truth.indices[i]]);
    const std::size_t k = std::min<std::size_t>(metric_.k, scratch.size());
    std::partial_sort(scratch.begin(), scratch.begin() + static_cast<std::ptrdiff_t>(k), scratch.end(),
                      std::greater<>());
    return std::accumulate(scratch.begin(), scratch.begin() + static_cast<std::ptrdiff_t>(k), 0.0);
  }

  static double losses(std::span<const std::uint8_t> hits, std::span<const float> scores) {
    double sum = 0;
    for (std::size_t i = 0; i < hits.size(); ++i) {
      const double score = scores[i];
      sum -= std::log(std::max(hits[i] != 0 ? score : 1 - score, 1e-7));
    }
    return sum;
  }

  static double count(std::span<const std::uint8_t> hits) { return std::accumulate(hits.begin(), hits.end(), 0.0); }

  double discounted(std::span<const std::uint8_t> hits) const {
    double sum = 0;
    for (std::size_t i = 0; i < hits.size(); ++i)
      if (hits[i] != 0) sum += discounts_[i];
    return sum;
  }

  static double reciprocal_of_first(std::span<const std::uint8_t> hits) {
    const auto first = std::ranges::find(hits, std::uint8_t{1});
    return first == hits.end() ? 0 : 1 / static_cast<double>(first - hits.begin() + 1);
  }

  double propensity_weighted(std::span<const std::uint8_t> hits, SparseRow ranked) const {
    double sum = 0;
    for (std::size_t i = 0; i < hits.size(); ++i)
      if (hits[i] != 0) sum += inputs_.inverse_propensities[ranked.indices[i]];
    return sum;
  }

  double left_to_type(Row r) const {
    const std::size_t whole = count_points(inputs_.requests->next[r]);
    return static_cast<double>(whole - std::min(whole, count_points(inputs_.requests->prefix[r])));
  }

  double bleu_of_list(SparseRow ranked, std::string_view next) const {
    double gained = 0, places = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(metric_.k, ranked.size()); ++i) {
      const double weight = 1 / static_cast<double>(i + 1);
      gained += weight * bleu(inputs_.key(ranked.indices[i]), next);
      places += weight;
    }
    return places == 0 ? 0 : gained / places;
  }

  // No list and no truth is longer than this, however large k is.
  void prepare_discounts() {
    std::uint64_t longest = 0;
    for (Row r = 0; r < judged_.ranked.rows; ++r)
      longest = std::max({longest, judged_.hits_of(r).size(), std::uint64_t{judged_.relevant[r]}});
    discounts_.resize(std::min<std::uint64_t>(longest, metric_.k));
    ideal_.assign(1, 0.0);
    for (std::size_t i = 0; i < discounts_.size(); ++i) {
      discounts_[i] = 1 / std::log2(static_cast<double>(i + 2));
      ideal_.push_back(ideal_.back() + discounts_[i]);
    }
  }

  const Judged& judged_;
  Metric metric_;
  const MetricInputs& inputs_;
  std::vector<double> discounts_;  // of place i+1: 1 / log2(i+2)
  std::vector<double> ideal_;      // DCG of i hits on top
};

void check_inputs(const Judged& judged, Metric metric, const MetricInputs& inputs) {
  if (metric.is_pooled()) throw ConfigError(metric.name() + " is no sum over rows");
  if (metric.measure == Measure::psp && inputs.inverse_propensities.size() != judged.truth.cols)
    throw ConfigError(fmt::format("{} needs the propensities of {} labels, {} are given", metric.name(),
                                  judged.truth.cols, inputs.inverse_propensities.size()));
  if (metric.measure == Measure::log_loss) require_probabilities(judged.ranked);
  if (metric.reads_requests() && (inputs.requests == nullptr || inputs.requests->size() != judged.truth.rows))
    throw ConfigError(fmt::format("{} needs the requests of {} rows", metric.name(), judged.truth.rows));
  if (metric.measure == Measure::bleu && !inputs.key) throw ConfigError(metric.name() + " needs the keys of labels");
}

}  // namespace

Judged judge(CsrView truth, CsrView ranked, Parallel& parallel) {
  if (truth.rows != ranked.rows || truth.cols != ranked.cols)
    throw DataError(fmt::format("predictions of {} rows x {} labels, a truth of {} x {}", ranked.rows, ranked.cols,
                                truth.rows, truth.cols));
  Judged judged{truth, ranked, std::vector<std::uint8_t>(ranked.nnz()), std::vector<std::uint32_t>(truth.rows)};
  parallel.for_blocks(truth.rows, kRowsPerStep, [&](std::size_t begin, std::size_t end, unsigned) {
    for (Row r = begin; r < end; ++r) {
      const SparseRow row = truth.row(r);
      judged.relevant[r] = static_cast<std::uint32_t>(std::ranges::count_if(row.values, [](float v) { return v > 0; }));
      for (Offset i = ranked.indptr[r]; i < ranked.indptr[r + 1]; ++i)
        judged.hits[i] = is_relevant(row, ranked.indices[i]) ? 1 : 0;
    }
  });
  return judged;
}

double RowScores::value() const {
  const double best = attainable.empty() ? static_cast<double>(gained.size()) : sum(attainable);
  return best > 0 ? sum(gained) / best : 0;
}

RowScores RowScores::of(std::span<const Row> rows) const {
  RowScores some;
  for (const Row row : rows) {
    some.gained.push_back(gained[row]);
    if (!attainable.empty()) some.attainable.push_back(attainable[row]);
  }
  return some;
}

RowScores score_rows(const Judged& judged, Metric metric, const MetricInputs& inputs, Parallel& parallel) {
  check_inputs(judged, metric, inputs);
  const RowScorer scorer(judged, metric, inputs);
  const std::uint64_t rows = judged.truth.rows;
  const bool has_attainable = scorer.has_attainable();
  RowScores scores{std::vector<double>(rows), std::vector<double>(has_attainable ? rows : 0)};
  parallel.for_blocks(rows, kRowsPerStep, [&](std::size_t begin, std::size_t end, unsigned) {
    std::vector<double> scratch;
    for (Row r = begin; r < end; ++r) {
      scores.gained[r] = scorer.gained(r);
      if (has_attainable) scores.attainable[r] = scorer.attainable(r, scratch);
    }
  });
  return scores;
}

void require_probabilities(CsrView ranked) {
  const auto bad = std::ranges::find_if(ranked.values, [](float score) { return !(score >= 0 && score <= 1); });
  if (bad != ranked.values.end())
    throw DataError("logloss and ece", fmt::format("of probabilities in 0..1, but a score is {}", *bad),
                    "xmr-eval fit-calibration makes probabilities of scores");
}

}  // namespace xmr
