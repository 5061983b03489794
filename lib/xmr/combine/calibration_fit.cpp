#include "xmr/combine/calibration_fit.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kGroupAnswers = 50;
constexpr std::uint64_t kOwnThresholdRows = 20;

struct Answer {
  float score;  // later its probability
  LabelId label;
  bool is_relevant;
};

std::vector<Answer> answers_of(CsrView ranked, CsrView truth) {
  if (ranked.rows != truth.rows || ranked.cols != truth.cols)
    throw DataError(fmt::format("predictions of {} rows and {} labels, the truth has {} and {}", ranked.rows,
                                ranked.cols, truth.rows, truth.cols));
  std::vector<Answer> answers;
  answers.reserve(ranked.nnz());
  for (Row row = 0; row < ranked.rows; ++row) {
    const SparseRow list = ranked.row(row);
    for (std::size_t i = 0; i < list.size(); ++i)
      answers.push_back({list.values[i], list.indices[i], is_relevant(truth.row(row), list.indices[i])});
  }
  if (std::ranges::none_of(answers, &Answer::is_relevant)) throw DataError("no answer is relevant");
  return answers;
}

// Answers with neighbouring scores.
struct Pool {
  double scores = 0;  // their sum
  std::uint64_t answers = 0, relevant = 0;

  void add(const Pool& other) {
    scores += other.scores;
    answers += other.answers;
    relevant += other.relevant;
  }
  // Relevant ones among its answers, compared without rounding.
  bool has_smaller_share_than(const Pool& other) const { return relevant * other.answers < other.relevant * answers; }
  float mean() const { return static_cast<float>(scores / static_cast<double>(answers)); }
  float probability() const {
    return static_cast<float>((static_cast<double>(relevant) + 0.5) / (static_cast<double>(answers) + 1));
  }
};

// `answers` by score, from the lowest.
std::vector<Pool> isotonic_pools(const std::vector<Answer>& answers) {
  std::vector<Pool> pools;
  for (std::size_t begin = 0; begin < answers.size();) {
    Pool next;
    std::size_t end = begin;
    while (end < answers.size() && (next.answers < kGroupAnswers || answers[end].score == answers[end - 1].score)) {
      next.add({answers[end].score, 1, answers[end].is_relevant ? 1U : 0U});
      ++end;
    }
    begin = end;
    pools.push_back(next);
    while (pools.size() > 1 && !pools[pools.size() - 2].has_smaller_share_than(pools.back())) {
      pools[pools.size() - 2].add(pools.back());
      pools.pop_back();
    }
  }
  return pools;
}

Calibration isotonic(const std::vector<Answer>& answers) {
  std::vector<float> scores, probabilities;
  for (const Pool& pool : isotonic_pools(answers)) {
    if (!scores.empty() && pool.mean() <= scores.back()) continue;  // too near for a float
    scores.push_back(pool.mean());
    // The half answers may turn two small pools around.
    probabilities.push_back(std::max(pool.probability(), probabilities.empty() ? 0 : probabilities.back()));
  }
  return {std::move(scores), std::move(probabilities)};
}

std::vector<std::uint64_t> rows_of_labels(CsrView truth) {
  std::vector<std::uint64_t> rows(truth.cols);
  for (std::size_t i = 0; i < truth.indices.size(); ++i)
    if (truth.values[i] > 0) ++rows[truth.indices[i]];
  return rows;
}

// F1 of the answers so far.
struct Counts {
  std::uint64_t answered = 0, hits = 0;

  void add(const Answer& answer) {
    ++answered;
    hits += answer.is_relevant ? 1 : 0;
  }
  double f1(std::uint64_t relevant) const {
    const std::uint64_t both = answered + relevant;
    return both == 0 ? 0 : 2 * static_cast<double>(hits) / static_cast<double>(both);
  }
};

// Returns the threshold with the largest `value_with`, among places where the probability changes, in answers by
// decreasing probability. The threshold is half-way to the next answer.
template <class ValueWith>
std::pair<float, double> best_threshold(std::span<const Answer> answers, ValueWith&& value_with) {
  std::pair<float, double> best{1.0F, 0.0};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const double value = value_with(answers[i]);
    const float here = answers[i].score, next = i + 1 < answers.size() ? answers[i + 1].score : 0;
    if (here != next && value > best.second) best = {(here + next) / 2, value};
  }
  return best;
}

float common_threshold(std::span<const Answer> answers, const std::vector<std::uint64_t>& rows, F1Goal goal) {
  Counts all;
  std::uint64_t relevant = 0;
  for (const std::uint64_t of_label : rows)
    relevant += of_label;
  std::vector<Counts> by_label(goal == F1Goal::macro ? rows.size() : 0);
  double sum = 0;  // over labels
  const auto micro = [&](const Answer& answer) {
    all.add(answer);
    return all.f1(relevant);
  };
  const auto macro = [&](const Answer& answer) {
    const std::uint64_t of_label = rows[answer.label];
    if (of_label == 0) return sum;
    Counts& counts = by_label[answer.label];
    sum -= counts.f1(of_label);
    counts.add(answer);
    return sum += counts.f1(of_label);
  };
  return goal == F1Goal::micro ? best_threshold(answers, micro).first : best_threshold(answers, macro).first;
}

// `answers` hold probabilities, from the highest.
std::vector<float> thresholds_for(std::vector<Answer>& answers, CsrView truth, F1Goal goal) {
  const std::vector<std::uint64_t> rows = rows_of_labels(truth);
  std::vector<float> thresholds(rows.size(), common_threshold(answers, rows, goal));
  if (goal == F1Goal::micro) return thresholds;
  std::ranges::stable_sort(answers, {}, &Answer::label);
  for (std::size_t begin = 0, end = 0; begin < answers.size(); begin = end) {
    const LabelId label = answers[begin].label;
    while (end < answers.size() && answers[end].label == label)
      ++end;
    if (rows[label] < kOwnThresholdRows) continue;
    Counts counts;
    const auto [threshold, f1] =
        best_threshold(std::span(answers).subspan(begin, end - begin), [&](const Answer& answer) {
          counts.add(answer);
          return counts.f1(rows[label]);
        });
    if (f1 > 0) thresholds[label] = threshold;
  }
  return thresholds;
}

}  // namespace

Calibration fit_calibration(CsrView ranked, CsrView truth, std::optional<F1Goal> goal) {
  std::vector<Answer> answers = answers_of(ranked, truth);
  std::ranges::stable_sort(answers, {}, &Answer::score);
  Calibration calibration = isotonic(answers);
  if (!goal) return calibration;
  std::ranges::reverse(answers);
  for (Answer& answer : answers)
    answer.score = calibration(answer.score);
  calibration.set_thresholds(thresholds_for(answers, truth, *goal));
  return calibration;
}

}  // namespace xmr
