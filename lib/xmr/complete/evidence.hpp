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
//   words       begins with the typed text; else: holds its words (words.hpp), and products of that with other evidence
//   made        was made of words (query_maker.hpp), its probability and share, pieces behind the typed ones, and products
//               with length, relation and the number of finished words
//   first       began sessions (first_queries.hpp): ln(1 + their number), ln(1 + n) of sessions with the previous query,
//               is n > 0, holds the typed words, and products with frequency and tree
//   earlier     for each earlier query of the session: ln of the candidate's share of the labels with it; for all: ln(1 +
//               their sum, by falling weights), the queries with it, is it one of them, the longest common beginning
//   recent      if counts fade with age (recent.hpp): ln of its fading count over the one of a label whose share never
//               changed, ln(1 + the count), ln of its share of all completions, and products; else 0
//
// and products of frequency, pair and tree. The weights depend on the cell: the length of the prefix, whether the
// previous query is known, whether a label begins with the typed text, and whether there are earlier queries. Thread
// rule: const methods from any thread.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "xmr/util/types.hpp"

namespace xmr {

inline constexpr std::size_t kMaxEarlier = 3;  // queries of the session before the previous one
inline constexpr std::size_t kCompletionEvidence = 78;
inline constexpr std::size_t kFadingEvidence = 6;  // the last ones; 0 unless counts fade with age
using CompletionEvidence = std::array<double, kCompletionEvidence>;

// Numbers that all candidates of a request share.
struct CompletionContext {
  std::string_view previous, prefix;
  LabelId place = 0;              // position of `previous` in the sorted labels
  bool is_known = false;          // true if a pair begins with `previous`
  bool is_begun = true;           // true if a label begins with the typed text: `prefix` is the typed text
  std::size_t dropped = 0;        // bytes of the typed text behind `prefix`
  std::size_t finished = 0;       // words of the typed text before the last one
  std::uint64_t popularity = 0;   // count of all completions of the prefix
  std::uint64_t pairs = 0;        // pairs of `previous` with labels that have the prefix or the typed words
  std::uint64_t together = 0;     // occurrences of such labels together with `previous`
  std::uint64_t begun_pairs = 0;  // pairs of `previous` with labels that have the prefix
  std::uint64_t before = 0;       // count of the labels before the first completion behind `previous`
  float best_score = 0;           // best score of XR-Linear
  bool fades = false;             // counts fade with age; these are the numbers for it
  double recent = 0;              // fading count of all completions of the prefix
  double recent_rate = 0;         // fading counts of all labels over their counts
  // The queries of the session before `previous`, the latest first, and the occurrences of labels that have the prefix
  // together with each of them.
  std::array<std::string_view, kMaxEarlier> earlier = {};
  std::array<std::uint64_t, kMaxEarlier> with_earlier = {};
};

struct CompletionCandidate {
  LabelId label = 0;
  std::uint32_t count = 0, pairs = 0, together = 0;
  std::uint64_t before = 0;  // count of the labels before it
  double recent = 0;         // fading count
  float score = 0;           // of XR-Linear, above 0
  bool is_scored = false;
  bool has_words = false;  // it does not begin with the typed text, but holds its words
  std::array<std::uint32_t, kMaxEarlier> with_earlier = {};  // occurrences together with each earlier query
  std::uint32_t word_place = 0;  // of the word that is completed, from 0; only with has_words
  // Only of a query that is no label (other_queries.hpp), whose `label` is its place among the keys.
  bool is_other = false;
  double probability = 0, share = 0;          // MadeQuery
  std::uint32_t pieces = 0;                   // behind the typed ones
  std::uint32_t first = 0, first_before = 0;  // counts of FoundFirst
};

// Four classes of prefix length, for a known and for an unknown previous query, for texts that a label begins with and
// for others, with and without earlier queries.
inline constexpr std::size_t kCompletionLengths = 4;
inline constexpr std::size_t kCompletionCells = 8 * kCompletionLengths;
std::size_t completion_cell(const CompletionContext& context);

// Reads the evidence for the candidates of a request, whose texts must outlive it.
class EvidenceReader {
 public:
  explicit EvidenceReader(const CompletionContext& context = {}) { start(context); }
  // Begins another request.
  void start(const CompletionContext& context);
  CompletionEvidence operator()(const CompletionCandidate& candidate, std::string_view key) const;

 private:
  CompletionContext context_;
  std::vector<std::string_view> words_;                 // of the previous query
  std::string_view first_word_, last_word_;             // of the previous query
  double log_best_ = 0;                                 // of the best score
  double popularity_ = 0, best_ = 0, begun_pairs_ = 0;  // logarithms; 0 if no label begins with the typed text
  double dropped_ = 0, finished_ = 0;                   // logarithms
};

}  // namespace xmr
