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

enum class Measure { precision, recall, ndcg, mrr, success, answered, psp, coverage, keystrokes, bleu };

struct Metric {
  Measure measure = Measure::precision;
  std::uint32_t k = 1;  // ≥ 1

  std::string name() const;  // "p@1"
  // Does it need the requests of the rows?
  bool reads_requests() const { return measure == Measure::keystrokes || measure == Measure::bleu; }
  bool operator==(const Metric&) const = default;
};

// Words like "p@1,3,5": a name, "@", one or more k ≥ 1. Repeated metrics are kept once. ConfigError that lists the
// names for anything else.
std::vector<Metric> parse_metrics(std::span<const std::string> words);

}  // namespace xmr
