#pragma once
// The evidence for a candidate: one number a piece, from the table in evidence.cpp. A new piece is one entry there.
//
//   RetrievalEvidence evidence(texts, links);
//   evidence.ask(read_text, candidates);
//   evidence(candidate, row)                       // row: kRetrievalEvidence floats
//
// Numbers do not depend on the size of a catalogue: scores are taken relative to the best of their list, or to the
// most that the query could reach. A piece that a source which does not list the candidate would give is missing (NaN).
// Thread rule: one object a thread.

#include <optional>
#include <span>
#include <string_view>

#include "xmr/retrieve/candidates.hpp"
#include "xmr/retrieve/text_match.hpp"

namespace xmr {

// The input of a piece of evidence.
struct EvidenceContext {
  const LabelTexts& texts;
  const TextMatcher& query;
  const Candidates& candidates;
  const RetrievalCandidate& candidate;
  const TextMatch& match;
  float listings = 0;           // the sources that list the candidate
  std::uint32_t best_rank = 0;  // the smallest of its ranks
};

struct EvidencePiece {
  std::string_view name;
  float (*value)(const EvidenceContext& context);
  std::optional<Source> source = std::nullopt;  // that the piece is about alone
};

std::span<const EvidencePiece> retrieval_evidence();

class RetrievalEvidence {
 public:
  RetrievalEvidence(const LabelTexts& texts, const WordLinks& links) : texts_(texts), matcher_(texts, links) {}

  static std::size_t size() { return retrieval_evidence().size(); }

  // The candidates must stay as they are until the next call.
  void ask(const ReadText& query, Candidates& candidates);
  void operator()(const RetrievalCandidate& candidate, std::span<float> row);

 private:
  const LabelTexts& texts_;
  TextMatcher matcher_;
  const Candidates* candidates_ = nullptr;
};

}  // namespace xmr
