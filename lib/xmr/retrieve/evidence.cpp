#include "xmr/retrieve/evidence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "xmr/util/exp_log.hpp"

namespace xmr {
namespace {

using Context = EvidenceContext;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

constexpr std::uint32_t kTabled = 1024;
const std::array<float, kTabled> kLogs = [] {
  std::array<float, kTabled> logs{};
  for (std::uint32_t i = 0; i < kTabled; ++i)
    logs[i] = static_cast<float>(portable_log(1.0 + i));
  return logs;
}();

float log1p_of(std::uint32_t number) {
  return number < kTabled ? kLogs[number] : static_cast<float>(portable_log(1.0 + number));
}

// ---- what a source says

template <Source source>
float score(const Context& c) {
  const Listing& by = c.candidate.of(source);
  return by.rank == 0 ? kMissing : by.score;
}

// The score divided by the best one.
template <Source source>
float ratio(const Context& c) {
  const Listing& by = c.candidate.of(source);
  const float best = c.candidates.list(source).best;
  return by.rank == 0 ? kMissing : best > 0 ? by.score / best : 1.0F;
}

// The score divided by that of the best other candidate.
template <Source source>
float lead(const Context& c) {
  const Listing& by = c.candidate.of(source);
  if (by.rank == 0) return kMissing;
  const SourceList& list = c.candidates.list(source);
  const float other = by.rank == 1 ? list.second : list.best;
  return other > 0 ? std::min(by.score / other, 8.0F) : 8.0F;
}

template <Source source>
float rank(const Context& c) {
  const Listing& by = c.candidate.of(source);
  return by.rank == 0 ? kMissing : log1p_of(by.rank);
}

template <Source source>
float reciprocal_rank(const Context& c) {
  const Listing& by = c.candidate.of(source);
  return by.rank == 0 ? 0 : 1 / static_cast<float>(by.rank);
}

template <Source source>
float is_listed(const Context& c) {
  return c.candidate.of(source).rank == 0 ? 0.0F : 1.0F;
}

// The best score of the list, the same for all candidates.
template <Source source>
float best_score(const Context& c) {
  return c.candidates.list(source).best;
}

// The largest cosine of a row that has the label.
float nearest(const Context& c) {
  return c.candidate.of(Source::neighbours).rank == 0 ? kMissing : c.candidate.nearest;
}

// 1 / (60 + rank), summed over the sources: reciprocal rank fusion, times 60.
float fused_ranks(const Context& c) {
  float sum = 0;
  for (const Listing& by : c.candidate.by)
    if (by.rank > 0) sum += 60 / (60 + static_cast<float>(by.rank));
  return sum;
}

// ---- the label

float frequency(const Context& c) {
  return log1p_of(c.texts.count(c.candidate.label));
}
float is_cold(const Context& c) {
  return c.texts.count(c.candidate.label) == 0 ? 1.0F : 0.0F;
}

// ---- text

float words_of(const Context& c) {
  return log1p_of(static_cast<std::uint32_t>(c.query.words()));
}
float text_words(const Context& c) {
  return log1p_of(c.match.words);
}
float more_words(const Context& c) {
  return text_words(c) - words_of(c);
}
float cosine_of_words(const Context& c) {
  return std::sqrt(c.match.covered * c.match.told);
}
float cosine_of_grams(const Context& c) {
  return std::sqrt(c.match.grams_covered * c.match.grams_told);
}

#define XMR_OF_SOURCE(source, name)                                                                         \
  EvidencePiece{name " score", score<source>, source}, EvidencePiece{name " ratio", ratio<source>, source}, \
      EvidencePiece{name " lead", lead<source>, source}, EvidencePiece{name " rank", rank<source>, source}, \
      EvidencePiece{name " 1/rank", reciprocal_rank<source>, source},                                       \
      EvidencePiece{name " listed", is_listed<source>, source}, EvidencePiece {                             \
    name " best", best_score<source>, source                                                                \
  }

#define XMR_OF_TEXT(name, member)                                       \
  EvidencePiece {                                                       \
    name, [](const Context& c) { return c.match.member; }, std::nullopt \
  }

constexpr std::array kPieces = {
    XMR_OF_SOURCE(Source::trees, "trees"),
    XMR_OF_SOURCE(Source::words, "words"),
    XMR_OF_SOURCE(Source::grams, "characters"),
    XMR_OF_SOURCE(Source::neighbours, "neighbours"),
    EvidencePiece{"nearest row", nearest, Source::neighbours},
    EvidencePiece{"sources", [](const Context& c) { return c.listings; }},
    EvidencePiece{"best rank", [](const Context& c) { return log1p_of(c.best_rank); }},
    EvidencePiece{"fused ranks", fused_ranks},
    EvidencePiece{"frequency", frequency},
    EvidencePiece{"cold", is_cold},
    XMR_OF_TEXT("words covered", covered),
    XMR_OF_TEXT("words told", told),
    EvidencePiece{"words cosine", cosine_of_words},
    XMR_OF_TEXT("grams covered", grams_covered),
    XMR_OF_TEXT("grams told", grams_told),
    EvidencePiece{"grams cosine", cosine_of_grams},
    XMR_OF_TEXT("run", run),
    XMR_OF_TEXT("ordered", ordered),
    XMR_OF_TEXT("last word", has_last),
    XMR_OF_TEXT("same last word", same_last),
    XMR_OF_TEXT("same first word", same_first),
    XMR_OF_TEXT("equal", is_equal),
    XMR_OF_TEXT("numbers agree", numbers),
    XMR_OF_TEXT("numbers contradict", contradicts),
    XMR_OF_TEXT("rarest word", heaviest),
    XMR_OF_TEXT("like leaders", like_leaders),
    XMR_OF_TEXT("like a leader", like_a_leader),
    XMR_OF_TEXT("linked word", linked_word),
    XMR_OF_TEXT("linked mean", linked_mean),
    XMR_OF_TEXT("linked sum", linked_sum),
    EvidencePiece{"query words", words_of},
    EvidencePiece{"text words", text_words},
    EvidencePiece{"more words", more_words},
    EvidencePiece{"unknown words", [](const Context& c) { return c.query.unknown(); }},
};

// The calls are known to the compiler, which inlines them.
template <std::size_t... kPiece>
void write_pieces(const Context& context, std::span<float> row, std::index_sequence<kPiece...>) {
  ((row[kPiece] = kPieces[kPiece].value(context)), ...);
}

}  // namespace

std::span<const EvidencePiece> retrieval_evidence() {
  return kPieces;
}

void RetrievalEvidence::ask(const ReadText& query, Candidates& candidates) {
  matcher_.ask(query, candidates.find_leaders());
  candidates_ = &candidates;
}

void RetrievalEvidence::operator()(const RetrievalCandidate& candidate, std::span<float> row) {
  const TextMatch match = matcher_(candidate.label);
  EvidenceContext context{texts_, matcher_, *candidates_, candidate, match};
  std::uint32_t best = 0;
  for (const Listing& by : candidate.by) {
    if (by.rank == 0) continue;
    context.listings += 1;
    best = best == 0 ? by.rank : std::min(best, by.rank);
  }
  context.best_rank = best;
  write_pieces(context, row, std::make_index_sequence<kPieces.size()>());
}

}  // namespace xmr
