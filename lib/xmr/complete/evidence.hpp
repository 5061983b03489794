#pragma once
// Evidence for a candidate as the completion of a prefix after a previous query, as numbers for a linear model (fitted
// in train/completion_fit.hpp, used in predict/completer.hpp):
//
//   frequency   ln of the candidate's share of the counts of all completions, ln(1 + count)
//   pair        ln(1 + n), ln of its share of the pairs with this previous query and prefix, is n > 0
//   session     the same for its occurrences in a session with the previous query, other than as a pair
//   tree        score of XR-Linear: its ln, ln of its ratio to the best score, is it listed, the score
//   relation    common beginning of previous query and candidate (in all, and beyond the prefix), common words, equal
//               first and last word, one the beginning of the other, order and distance in the sorted list of labels,
//               distance also in counts of the completions between them
//   length      bytes of the candidate, characters still to type, none
//
// and products of frequency, pair and tree. The weights depend on the cell: the length of the prefix, and whether the
// previous query is known. Thread rule: pure functions.

#include <array>
#include <cstdint>
#include <string_view>

#include "xmr/util/types.hpp"

namespace xmr {

inline constexpr std::size_t kCompletionEvidence = 32;
using CompletionEvidence = std::array<double, kCompletionEvidence>;

// Numbers that all candidates of a request share.
struct CompletionContext {
  std::string_view previous, prefix;
  LabelId place = 0;             // position of `previous` in the sorted labels
  bool is_known = false;         // true if a pair begins with `previous`
  std::uint64_t popularity = 0;  // count of all completions of the prefix
  std::uint64_t pairs = 0;       // pairs of `previous` with labels that have the prefix
  std::uint64_t together = 0;    // occurrences of such labels together with `previous`
  std::uint64_t before = 0;      // count of the labels before the first completion behind `previous`
  float best_score = 0;          // best score of XR-Linear
};

struct CompletionCandidate {
  LabelId label = 0;
  std::uint32_t count = 0, pairs = 0, together = 0;
  std::uint64_t before = 0;  // count of the labels before it
  float score = 0;           // of XR-Linear, above 0
  bool is_scored = false;
};

// Four classes of prefix length, for a known and for an unknown previous query.
inline constexpr std::size_t kCompletionCells = 8;
std::size_t completion_cell(const CompletionContext& context);

CompletionEvidence completion_evidence(const CompletionContext& context, const CompletionCandidate& candidate,
                                       std::string_view key);

}  // namespace xmr
