#include "xmr/complete/evidence.hpp"

#include <algorithm>

#include "xmr/complete/prefix.hpp"
#include "xmr/util/exp_log.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr std::array<std::size_t, kCompletionLengths - 1> kLengths = {2, 4,
                                                                      8};  // lengths of prefixes at which classes begin
constexpr double kNone = 1e-3;                                             // share of a candidate without counts
constexpr double kLeastProbability = 1e-9;                                 // added to the probability of a made query
constexpr std::array<double, kMaxEarlier> kDecays = {1, 0.7, 0.5};         // weights of earlier queries
constexpr float kLowest = 1e-6F;                                           // lower scores count as this one

// Returns ln(1 + count).
double logarithm(std::uint64_t count) {
  static const std::array<double, 1024> kTable = [] {
    std::array<double, 1024> table{};
    for (std::size_t i = 0; i < table.size(); ++i)
      table[i] = portable_log(1 + static_cast<double>(i));
    return table;
  }();
  return count < kTable.size() ? kTable[count] : portable_log(1 + static_cast<double>(count));
}

// Returns ln(count / (all + 1) + kNone).
double share_of(std::uint64_t count, std::uint64_t all) {
  static const double kOfNone = portable_log(kNone);
  return count == 0 ? kOfNone : portable_log(static_cast<double>(count) / (static_cast<double>(all) + 1) + kNone);
}

double flag(bool value) {
  return value ? 1 : 0;
}

constexpr std::array<bool, 256> kEndsWord = [] {
  std::array<bool, 256> ends{};
  for (const unsigned char c : {' ', '-', '_', '/'})
    ends[c] = true;
  return ends;
}();

bool ends_word(char c) {
  return kEndsWord[static_cast<unsigned char>(c)];
}

// Calls visit(word) for the words of a text. A separator at the end begins no word.
template <class Visit>
void visit_words(std::string_view text, Visit&& visit) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!ends_word(text[i])) continue;
    visit(text.substr(begin, i - begin));
    begin = i + 1;
  }
  if (begin < text.size()) visit(text.substr(begin));
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, static_cast<std::size_t>(std::ranges::find_if(text, ends_word) - text.begin()));
}

std::string_view last_word(std::string_view text) {
  const auto end = std::find_if(text.rbegin(), text.rend(), ends_word);
  return text.substr(static_cast<std::size_t>(text.rend() - end));
}

// Returns the share of the words of a text that are among `others`.
double words_shared(std::string_view text, const std::vector<std::string_view>& others) {
  if (others.empty()) return 0;
  double words = 0, shared = 0;
  visit_words(text, [&](std::string_view word) {
    ++words;
    shared += flag(std::ranges::find(others, word) != others.end());
  });
  return words == 0 ? 0 : shared / words;
}

}  // namespace

std::size_t completion_cell(const CompletionContext& context) {
  const std::size_t length = count_points(context.prefix);
  const auto of_length = static_cast<std::size_t>(std::ranges::upper_bound(kLengths, length) - kLengths.begin());
  return of_length + kCompletionLengths * ((context.is_known ? 0 : 1) + (context.is_begun ? 0 : 2) +
                                           (context.earlier.front().empty() ? 0 : 4));
}

void EvidenceReader::start(const CompletionContext& context) {
  context_ = context;
  words_.clear();
  visit_words(context.previous, [this](std::string_view word) { words_.push_back(word); });
  first_word_ = first_word(context.previous);
  last_word_ = last_word(context.previous);
  log_best_ = portable_log(static_cast<double>(std::max(context.best_score, kLowest)));
  popularity_ = context.is_begun ? logarithm(context.popularity) : 0;
  best_ = context.is_begun ? log_best_ : 0;
  begun_pairs_ = context.is_begun ? logarithm(context.begun_pairs) : 0;
  dropped_ = logarithm(context.dropped);
  finished_ = logarithm(context.finished);
}

CompletionEvidence EvidenceReader::operator()(const CompletionCandidate& candidate, std::string_view key) const {
  const CompletionContext& context = context_;
  const double popularity = portable_log((candidate.count + 0.1) / (static_cast<double>(context.popularity) + 1));
  const double pairs = logarithm(candidate.pairs);
  const double share = share_of(candidate.pairs, context.pairs);
  const double near = share_of(candidate.together, context.together);
  const double log_score =
      candidate.is_scored ? portable_log(static_cast<double>(std::max(candidate.score, kLowest))) : 0;
  const double ratio = candidate.is_scored ? log_score - log_best_ : 0;

  const std::string_view previous = context.previous;
  const std::size_t common = common_prefix(previous, key);
  const std::size_t beyond = common - std::min(common, context.prefix.size());
  const LabelId label = candidate.label;
  const double behind = flag(key > previous);
  const double distance = logarithm(label > context.place ? label - context.place : context.place - label);
  const double between = logarithm(candidate.before > context.before ? candidate.before - context.before
                                                                     : context.before - candidate.before);
  const std::size_t rest = key.size() - std::min(key.size(), context.prefix.size());
  const auto short_rest = static_cast<double>(std::min<std::size_t>(rest, 32));
  const double size = logarithm(key.size()), new_common = logarithm(beyond);
  const double by_words = flag(candidate.has_words);
  const bool begins = (candidate.is_other || context.is_begun) && !candidate.has_words;
  const double made = flag(candidate.probability > 0);
  const double shared = words_shared(key, words_);
  const double first = flag(candidate.first > 0);
  std::array<double, kMaxEarlier> shares{};  // less the share of a candidate without counts
  double weighted = 0, lists = 0;
  for (std::size_t i = 0; i < kMaxEarlier; ++i) {
    if (candidate.with_earlier[i] == 0) continue;
    shares[i] = share_of(candidate.with_earlier[i], context.with_earlier[i]) - share_of(0, 0);
    weighted += candidate.with_earlier[i] * kDecays[i];
    ++lists;
  }
  std::size_t alike = 0;
  bool was_asked = false;
  for (const std::string_view earlier : context.earlier) {
    if (earlier.empty()) continue;
    alike = std::max(alike, common_prefix(earlier, key));
    was_asked |= earlier == key;
  }
  double trend = 0, recent = 0, recent_share = 0;
  if (context.fades && !candidate.is_other) {
    trend = portable_log((candidate.recent + 1) / (candidate.count * context.recent_rate + 1));
    recent = portable_log(1 + candidate.recent);
    recent_share = portable_log((candidate.recent + 0.1) / (context.recent + 1));
  }
  const bool extends = !previous.empty() && common == previous.size();
  return {popularity,
          logarithm(candidate.count),
          pairs,
          share,
          flag(candidate.pairs > 0),
          log_score,
          ratio,
          flag(candidate.is_scored),
          candidate.is_scored ? static_cast<double>(candidate.score) : 0,
          static_cast<double>(std::min<std::size_t>(common, 32)),
          new_common,
          shared,
          flag(first_word_ == first_word(key)),
          flag(last_word_ == last_word(key)),
          flag(extends),
          flag(extends && key.size() > common && ends_word(key[common])),
          flag(common == key.size()),
          behind,
          distance,
          distance * behind,
          short_rest,
          flag(rest == 0),
          pairs * popularity,
          pairs * ratio,
          popularity * ratio,
          share * ratio,
          between,
          between * behind,
          size,
          logarithm(candidate.together),
          near,
          flag(candidate.together > 0),
          flag(begins),
          by_words,
          by_words * popularity_,
          by_words * static_cast<double>(std::min<std::uint32_t>(candidate.word_place, 8)),
          by_words * popularity,
          by_words * pairs,
          by_words * share,
          by_words * short_rest,
          by_words * flag(context.finished > 0),
          by_words * best_,
          by_words * begun_pairs_,
          by_words * near,
          by_words * size,
          flag(!begins && !candidate.has_words) * dropped_,
          made,
          candidate.probability > 0 ? portable_log(candidate.probability + kLeastProbability) : 0,
          candidate.probability > 0 ? portable_log(candidate.share + kNone) : 0,
          made * candidate.pieces,
          made * popularity_,
          made * best_,
          shares[0],
          shares[1],
          shares[2],
          lists == 0 ? 0 : portable_log(1 + weighted),
          lists,
          flag(was_asked),
          logarithm(alike - std::min(alike, context.prefix.size())),
          first,
          logarithm(candidate.first),
          logarithm(candidate.first_before),
          flag(candidate.first_before > 0),
          first * by_words,
          first * popularity_,
          first * best_,
          made * flag(rest == 0),
          made * short_rest,
          made * shared,
          made * new_common,
          made * size,
          made * finished_,
          trend,
          recent,
          recent_share,
          trend * popularity,
          trend * pairs,
          trend * by_words};
}

}  // namespace xmr
