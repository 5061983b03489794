#pragma once
// The measures of a ranked list, by name. n rows; T_r are the relevant labels of row r; hit(r,i) is 1 if the i-th
// answer of row r is relevant, else 0; a list may end before k: what is not there is no hit. Every row counts, also one
// without answers, and one without relevant labels (it gains nothing).
//
//   p@k         precision       Σ_r Σ_{i≤k} hit(r,i) / (n k)
//   r@k         recall          1/n Σ_r Σ_{i≤k} hit(r,i) / max(|T_r|, 1)
//   ndcg@k      1/n Σ_r DCG_r / ideal_r;  DCG_r = Σ_{i≤k} hit(r,i) / log2(i+1), ideal_r that of min(k, |T_r|) hits
//   mrr@k       1/n Σ_r 1 / (place of the first hit, if it is within k)
//   success@k   share of rows with a hit within k
//   answered@k  share of rows with k answers or more
//   psp@k       propensity-scored precision: Σ_r Σ_{i≤k} hit(r,i)/q_i over what the best list of each row would give
//               (see propensity.hpp)
//   micro-p@k, micro-r@k, micro-f1@k   over all answers within k: Σ hits / Σ answers; Σ hits / Σ |T_r|;
//               2 Σ hits / (Σ answers + Σ |T_r|). Unlike p@k, micro-p counts the answers that there are
//   macro-p@k, macro-r@k, macro-f1@k   the same of the answers with one label, the mean over the labels that are
//               relevant to any row; 0 for a label that is never answered
//   logloss@k   mean of -ln q over all answers within k: q is the score of a hit, 1 - score of others, at least 1e-7
//   ece@k       expected calibration error: Σ_b |Σ score - Σ hits| / Σ answers, over the answers within k whose scores
//               are in part b of 15 equal ones of 0..1 (pooled.hpp)
//   coverage@k  share of the labels relevant to any row that are a hit within k in at least one row
//
// and of completions, whose prefix and next query are known (requests.hpp), in characters:
//
//   keystrokes@k  Σ_r saved_r / Σ_r length of next_r;  saved_r = what is left to type of next_r if there is a hit
//                 within k, else 0
//   bleu@k        1/n Σ_r Σ_{i≤k} BLEU(answer i, next_r)/i / Σ_{i≤k} 1/i, over answers that there are (bleu.hpp)

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace xmr {

enum class Measure {
  precision,
  recall,
  ndcg,
  mrr,
  success,
  answered,
  psp,
  coverage,
  keystrokes,
  bleu,
  micro_precision,
  micro_recall,
  micro_f1,
  macro_precision,
  macro_recall,
  macro_f1,
  log_loss,
  ece
};

struct Metric {
  Measure measure = Measure::precision;
  std::uint32_t k = 1;  // ≥ 1

  std::string name() const;  // "p@1"
  // Does it need the requests of the rows?
  bool reads_requests() const { return measure == Measure::keystrokes || measure == Measure::bleu; }
  // Is it no sum over rows? Then it has no interval, and rows cannot be split.
  bool is_pooled() const {
    return measure == Measure::coverage || measure == Measure::macro_precision || measure == Measure::macro_recall ||
           measure == Measure::macro_f1 || measure == Measure::ece;
  }
  bool operator==(const Metric&) const = default;
};

// Words like "p@1,3,5": a name, "@", one or more k ≥ 1. Repeated metrics are kept once. ConfigError that lists the
// names for anything else.
std::vector<Metric> parse_metrics(std::span<const std::string> words);

}  // namespace xmr
