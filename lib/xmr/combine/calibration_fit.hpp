#pragma once
// A calibration, and thresholds if wanted, from ranked rows whose labels are known and that the model has not learnt
// from.
//
//   const Calibration calibration = fit_calibration(predictions.view(), y.view(), F1Goal::macro);
//
// Isotonic regression by pooling adjacent violators (Zadrozny, Elkan: KDD 2002) over all answers, in groups of equal
// or neighbouring scores with at least 50 answers: a knot is the mean score of a pool, its probability the share of
// relevant ones with half an answer of both kinds added. Deeper lists calibrate lower scores.
//
// Thresholds: the one probability with the best F1 over the rows, the same for all labels. For macro-F1, the mean over
// labels that a row has, each label with 20 rows or more has its own best one instead; for micro-F1 one is best
// (Lipton, Elkan, Naryanaswamy: ECML 2014), and own ones fitted to few rows hardly ever gain.
//
// Cost: O(q log q) for q answers; memory 24 bytes an answer. Errors: DataError for another shape than the truth, or if
// there is no relevant answer. Thread rule: pure function.

#include <cstdint>
#include <optional>

#include "xmr/combine/calibration.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/enum_names.hpp"

namespace xmr {

enum class F1Goal : std::uint8_t { micro, macro };
template <>
struct EnumNames<F1Goal> {
  static constexpr EnumName<F1Goal> kTable[] = {
      {F1Goal::micro, "micro-f1", "best over rows"},
      {F1Goal::macro, "macro-f1", "best over labels"},
  };
};

// Relevant are the labels whose weight in the truth is above 0. With thresholds if there is a goal.
Calibration fit_calibration(CsrView ranked, CsrView truth, std::optional<F1Goal> goal = std::nullopt);

}  // namespace xmr
