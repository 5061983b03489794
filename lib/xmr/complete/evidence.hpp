#pragma once
// What speaks for a candidate as the completion of a prefix after a previous query, as numbers for a linear model
// (fitted in train/completion_fit.hpp, used in predict/completer.hpp):
//
//   frequency   ln of the candidate's share of the popularity of all completions, ln(1 + count)
//   pair        ln(1 + n), ln of its share of the pairs with this previous query and prefix, is there one
//   session     likewise of its occurrences in a session with the previous query, other than as a pair
//   tree        score of XR-Linear: its ln, ln of its ratio to the best one, is it listed, itself
//   relation    common beginning of previous query and candidate (in all, and beyond the prefix), common words, first
//               and last word the same, one the beginning of the other, order and distance in the sorted list of
//               labels, the latter also by the popularity of the completions that stand between
//   length      of the candidate, characters still to come, none
//
// and products of frequency, pair and tree. Weights are those of a cell: how much was typed, is the previous query
// known. Thread rule: pure functions.

#include <array>
#include <cstdint>
#include <string_view>

#include "xmr/util/types.hpp"

namespace xmr {

inline constexpr std::size_t kCompletionEvidence = 32;
using CompletionEvidence = std::array<double, kCompletionEvidence>;

// Of the request and all its candidates.
struct CompletionContext {
  std::string_view previous, prefix;
  LabelId place = 0;             // of `previous` in the sorted list of labels
  bool is_known = false;         // does a pair begin with `previous`?
  std::uint64_t popularity = 0;  // of all completions of the prefix
  std::uint64_t pairs = 0;       // with this previous query and prefix
  std::uint64_t together = 0;    // occurrences with this previous query, of labels with this prefix
  std::uint64_t before = 0;      // popularity of the labels before the first completion that `previous` stands before
  float best_score = 0;          // of XR-Linear
};

struct CompletionCandidate {
  LabelId label = 0;
  std::uint32_t count = 0, pairs = 0, together = 0;
  std::uint64_t before = 0;  // popularity of the labels before it
  float score = 0;           // of XR-Linear, above 0
  bool is_scored = false;
};

// Length of what was typed in four classes, twice: previous query known, and not.
inline constexpr std::size_t kCompletionCells = 8;
std::size_t completion_cell(const CompletionContext& context);

CompletionEvidence completion_evidence(const CompletionContext& context, const CompletionCandidate& candidate,
                                       std::string_view key);

}  // namespace xmr
