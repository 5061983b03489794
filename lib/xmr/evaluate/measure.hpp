#pragma once
// The measures of ranked lists. A measure is one entry of a table: its name, its inputs and its functions.
//
//   ranking_measures.cpp       hits by their places: p, r, r-cap, r-prec, ndcg, map, mrr, success, answered, psp, psndcg
//   graded_measures.cpp        hits by their weights: ndcg-linear, ndcg-exp, err
//   completion_measures.cpp    completions, whose prefix and next query are known: keystrokes, bleu
//   answer_measures.cpp        all answers of all rows: micro-p, micro-r, micro-f1
//   label_measures.cpp         one label after another: coverage, macro-p, macro-r, macro-f1
//   probability_measures.cpp   scores that are probabilities: logloss, ece
//
// To add a measure, add an entry to one of these tables, a test in tests/unit/evaluate and a line in docs/xmr-eval.md.
// To add a table, declare it below and list it in measure_tables().
//
// The comments of the entries use this notation. There are n rows; T_r are the relevant labels of row r; hit(r,i) is 1
// if answer i of row r is relevant, else 0. If a list ends before place i, hit(r,i) is 0. A row without answers or
// without relevant labels counts and gains 0.
//
// Thread rule: the functions of an entry are pure apart from JudgedRow::scratch.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/evaluate/metric.hpp"
#include "xmr/evaluate/score.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

// The weights of the places of a list, 1 / log2(i+1) at place i.
struct Discounts {
  std::vector<double> places;      // [i]: the weight of place i+1
  std::vector<double> ideal{0.0};  // [n]: the sum of the weights of the first n places

  // Covers the first k places, at most as many as the longest list or the longest row of relevant labels has.
  Discounts(const Judged& judged, std::uint32_t k);
};

// One row and its first k answers.
struct JudgedRow {
  Row row;
  std::uint32_t k;                     // >= 1
  SparseRow truth;                     // the labels of the row, by id
  std::uint32_t relevant;              // the number of relevant labels
  SparseRow ranked;                    // the first k answers, or all if there are fewer
  std::span<const std::uint8_t> hits;  // [i]: 1 if answer i is relevant, else 0
  float max_weight;                    // the largest weight of the truth of all rows
  const MetricInputs& inputs;
  const Discounts& discounts;
  std::vector<double>& scratch;  // reused from row to row

  double count_hits() const;
  // Returns the weight of hit i in the truth.
  float weight(std::size_t i) const;
  // Returns Σ_{i≤k} gain(label i, weight i) / log2(i+1) over the hits, where weight i is the weight in the truth.
  template <class Gain>
  double discounted_gain(const Gain& gain) const;
  // Returns the same sum over the relevant labels in order of falling gains: the best list of k labels.
  template <class Gain>
  double ideal_gain(const Gain& gain) const;
};

// The counts of one label over all rows.
struct LabelCounts {
  std::uint64_t relevant = 0, answers = 0, hits = 0;  // answers and hits within k
};
std::vector<LabelCounts> counts_of_labels(const Judged& judged, std::uint32_t k);

// The inputs that a measure reads beside the judgements (MetricInputs).
struct MeasureInputs {
  bool propensities = false;  // inverse_propensities
  bool requests = false;      // requests
  bool keys = false;          // key
};

// A measure is a sum over rows, Σ gained / Σ attainable; or the mean of of_label over the labels that are relevant to
// any row; or pooled over all rows. Exactly one of gained, of_label and pooled is not null.
struct Measure {
  std::string_view name;  // the part before "@k"
  MeasureInputs reads = {};
  bool needs_probabilities = false;  // scores must be in 0..1
  double (*gained)(const JudgedRow& row) = nullptr;
  double (*attainable)(const JudgedRow& row) = nullptr;  // null: 1 for every row
  double (*of_label)(const LabelCounts& label) = nullptr;
  double (*pooled)(const Judged& judged, std::uint32_t k) = nullptr;
};

std::span<const Measure> ranking_measures();
std::span<const Measure> graded_measures();
std::span<const Measure> completion_measures();
std::span<const Measure> answer_measures();
std::span<const Measure> label_measures();
std::span<const Measure> probability_measures();

inline std::array<std::span<const Measure>, 6> measure_tables() {
  return {ranking_measures(), graded_measures(), completion_measures(),
          answer_measures(),  label_measures(),  probability_measures()};
}

template <class Gain>
double JudgedRow::discounted_gain(const Gain& gain) const {
  double sum = 0;
  for (std::size_t i = 0; i < hits.size(); ++i)
    if (hits[i] != 0) sum += gain(ranked.indices[i], weight(i)) * discounts.places[i];
  return sum;
}

template <class Gain>
double JudgedRow::ideal_gain(const Gain& gain) const {
  scratch.clear();
  for (std::size_t i = 0; i < truth.size(); ++i)
    if (truth.values[i] > 0) scratch.push_back(gain(truth.indices[i], truth.values[i]));
  const std::size_t count = std::min<std::size_t>(k, scratch.size());
  std::partial_sort(scratch.begin(), scratch.begin() + static_cast<std::ptrdiff_t>(count), scratch.end(),
                    std::greater<>());
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i)
    sum += scratch[i] * discounts.places[i];
  return sum;
}

}  // namespace xmr
