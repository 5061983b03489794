#include "xmr/predict/completer.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "xmr/complete/keep_largest.hpp"
#include "xmr/complete/near_keys.hpp"
#include "xmr/complete/prefix.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/exp_log.hpp"

namespace xmr {
namespace {

std::uint64_t sum(std::span<const std::uint32_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

// Adds the first `count` products to six sums in turn: one sum would wait for each addition.
double sum_of_products(const CompletionEvidence& evidence, std::span<const double, kCompletionEvidence> weights,
                       std::size_t count) {
  static_assert(kCompletionEvidence % 6 == 0 && kFadingEvidence % 6 == 0);
  std::array<double, 6> sums{};
  for (std::size_t i = 0; i < count; i += 6)
    for (std::size_t j = 0; j < 6; ++j)
      sums[j] += evidence[i + j] * weights[i + j];
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

// Looks up the counts of labels in increasing order.
class CountsInOrder {
 public:
  explicit CountsInOrder(const PairCounts::Nexts& counted) : counted_(counted) {}

  std::uint32_t of(LabelId label) {
    const auto rest = counted_.labels.subspan(next_);
    next_ += static_cast<std::size_t>(std::ranges::lower_bound(rest, label) - rest.begin());
    return next_ < counted_.labels.size() && counted_.labels[next_] == label ? counted_.counts[next_] : 0;
  }

 private:
  PairCounts::Nexts counted_;
  std::size_t next_ = 0;
};

}  // namespace

namespace {

SearchOptions completion_search(const XrLinearModel& linear, std::uint32_t k, const std::vector<bool>* allowed) {
  SearchOptions options = default_search(linear);
  options.k = std::max(k, Completer::kListed);
  options.allowed = allowed;
  options.score_all = Completer::kScoreAll;
  options.beam = Completer::kBeam;
  options.level_beams.clear();
  return options;
}

}  // namespace

CompletionSearch::CompletionSearch(const CompletionModel& model, std::uint32_t k, const std::vector<bool>* allowed,
                                   std::size_t few)
    : model_(model),
      few_(few),
      search_(*model.linear(), completion_search(*model.linear(), k, allowed), &model.ranges()) {
  for (const std::string& column : model.vectorizer()->columns())
    reads_previous_.push_back(column == "previous");
}

CsrView CompletionSearch::rank(std::span<const Query> queries, std::span<const KnownPrefix> known) {
  searched_.assign(queries.begin(), queries.end());
  ends_.assign(1, 0);
  features_.clear();
  values_.clear();
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const Query& query = queries[i];
    if (known[i].range.size() <= few_) {
      ends_.push_back(features_.size());
      continue;
    }
    texts_.clear();
    for (const bool is_previous : reads_previous_)
      texts_.push_back(is_previous ? query.previous : query.prefix);
    const SparseRow row = model_.vectorizer()->apply(texts_, scratch_);
    features_.insert(features_.end(), row.indices.begin(), row.indices.end());
    values_.insert(values_.end(), row.values.begin(), row.values.end());
    ends_.push_back(features_.size());
  }
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::size_t begin = ends_[i], count = ends_[i + 1] - begin;
    searched_[i].features = {std::span(features_).subspan(begin, count), std::span(values_).subspan(begin, count)};
    if (known[i].range.size() < model_.labels()) searched_[i].allowed = known[i].range;
    if (known[i].range.size() <= few_) searched_[i].allowed = LabelRange{};
  }
  return search_.rank(searched_);
}

void CompletionCandidates::collect(const Query& query, const KnownPrefix& known, SparseRow by_tree) {
  const PairCounts::Nexts nexts = by_pairs_ ? model_.pairs().nexts(query.previous) : PairCounts::Nexts();
  const PairCounts::Nexts together = is_fused_ ? model_.together().nexts(query.previous) : PairCounts::Nexts();
  const PairCounts::Nexts nexts_inside = PairCounts::inside(nexts, known.range);
  const PairCounts::Nexts together_inside = PairCounts::inside(together, known.range);
  const LabelId place = is_fused_ ? place_of(model_.names().keys, query.previous) : 0;
  const bool is_begun = known.instead != Instead::beginning;
  context_ = {.previous = query.previous,
              .prefix = known.prefix,
              .place = place,
              .is_known = !nexts.labels.empty(),
              .is_begun = is_begun,
              .dropped = is_begun ? 0 : query.prefix.size() - known.prefix.size(),
              .popularity = model_.popular().total(known.range),
              .pairs = sum(nexts_inside.counts),
              .together = sum(together_inside.counts),
              .begun_pairs = sum(nexts_inside.counts),
              .before = model_.popular().total({0, std::clamp(place, known.range.first, known.range.last)}),
              .best_score = by_tree.size() == 0 ? 0 : by_tree.values.front(),
              .fades = is_fused_ && !model_.recent().empty(),
              .recent = model_.recent().total(known.range),
              .recent_rate = recent_rate_};
  completed_ = known.range;
  begun_ = is_begun ? known.range : LabelRange{};
  labels_.clear();
  if (controls_ != nullptr)
    controls_->popular().top(known.range, listed_, intervals_, labels_, 1);
  else
    model_.popular().top(known.range, listed_, intervals_, labels_);
  if (context_.fades) add_recent(known.range);
  add_pairs(nexts_inside);
  add_pairs(together_inside);
  find_earlier(query, known.range);
  if (by_words_) {
    typed_.read(query.prefix);
    context_.finished = typed_.finished();
    if (typed_.size() > 0) {
      search_words_(typed_, begun_, listed_, labels_);
      add_pairs_with_words(nexts);
      add_pairs_with_words(together);
      if (is_fused_ && !query.previous.empty()) add_near();
    }
  }
  make_candidates(by_tree, nexts, together);
  if (is_fused_) read_evidence_.start(context_);
}

// Adds the labels of a range with the largest fading counts.
void CompletionCandidates::add_recent(LabelRange range) {
  const std::size_t begin = labels_.size();
  model_.recent().counts().top(range, listed_, intervals_, labels_, 1);
  const auto refused = std::ranges::remove_if(labels_.begin() + static_cast<std::ptrdiff_t>(begin), labels_.end(),
                                              [this](LabelId label) { return !is_allowed(label); });
  labels_.erase(refused.begin(), refused.end());
}

// Finds the counts of the earlier queries, and adds the labels of a range that are most often with them.
void CompletionCandidates::find_earlier(const Query& query, LabelRange range) {
  earlier_.fill({});
  const std::size_t count = is_fused_ ? std::min(query.earlier.size(), kMaxEarlier) : 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (query.earlier[i].empty()) continue;
    context_.earlier[i] = query.earlier[i];
    earlier_[i] = {model_.pairs().nexts(query.earlier[i]), model_.together().nexts(query.earlier[i])};
    const PairCounts::Nexts inside = PairCounts::inside(earlier_[i].together, range);
    context_.with_earlier[i] = sum(inside.counts) + sum(PairCounts::inside(earlier_[i].nexts, range).counts);
    add_pairs(inside);
  }
}

void CompletionCandidates::count_earlier() {
  for (std::size_t i = 0; i < kMaxEarlier; ++i) {
    if (context_.earlier[i].empty()) continue;
    CountsInOrder nexts(earlier_[i].nexts), together(earlier_[i].together);
    for (CompletionCandidate& candidate : candidates_)
      candidate.with_earlier[i] = nexts.of(candidate.label) + together.of(candidate.label);
  }
}

// Makes order_ the places of the most frequent labels.
void CompletionCandidates::keep_most_frequent(const PairCounts::Nexts& nexts, std::size_t most) {
  if (controls_ == nullptr)
    keep_largest(order_, most, [&](std::size_t i) { return nexts.counts[i]; });
  else
    keep_largest(order_, most, [&](std::size_t i) {
      return nexts.counts[i] * static_cast<double>(controls_->weight(nexts.labels[i]));
    });
}

// Adds the most frequent.
void CompletionCandidates::add_pairs(const PairCounts::Nexts& nexts) {
  order_.clear();
  for (std::size_t i = 0; i < nexts.labels.size(); ++i)
    if (is_allowed(nexts.labels[i])) order_.push_back(i);
  keep_most_frequent(nexts, listed_);
  for (const std::size_t i : order_)
    labels_.push_back(nexts.labels[i]);
}

// Adds the most frequent that hold the typed words and do not begin with the typed text.
void CompletionCandidates::add_pairs_with_words(const PairCounts::Nexts& nexts) {
  order_.clear();
  for (std::size_t i = 0; i < nexts.labels.size(); ++i)
    if (!begun_.contains(nexts.labels[i]) && is_allowed(nexts.labels[i])) order_.push_back(i);
  keep_most_frequent(nexts, kMaxCompared);
  std::erase_if(order_, [&](std::size_t i) { return !find_typed(nexts.labels[i]); });
  keep_most_frequent(nexts, listed_);
  for (const std::size_t i : order_)
    labels_.push_back(nexts.labels[i]);
}

// Adds the nearest labels to the previous query that hold the typed words and do not begin with the typed text.
void CompletionCandidates::add_near() {
  visit_near<kNear>(model_.names().keys, context_.place, kNearFound, typed_, [&](LabelId label) {
    const bool is_found = !begun_.contains(label) && is_allowed(label) && find_typed(label);
    if (is_found) labels_.push_back(label);
    return is_found;
  });
}

std::optional<std::size_t> CompletionCandidates::find_typed(LabelId label) {
  return find_words(typed_, model_.names().key(label), key_words_);
}

// Makes one candidate of each label, with its evidence from all sources.
void CompletionCandidates::make_candidates(SparseRow by_tree, const PairCounts::Nexts& nexts,
                                           const PairCounts::Nexts& together) {
  const std::size_t scored = std::min(by_tree.size(), listed_);
  for (std::size_t i = 0; i < scored; ++i)
    labels_.push_back(by_tree.indices[i]);
  std::ranges::sort(labels_);
  labels_.erase(std::unique(labels_.begin(), labels_.end()), labels_.end());
  candidates_.clear();
  for (const LabelId label : labels_)
    candidates_.push_back({.label = label});
  for (std::size_t i = 0; i < scored; ++i) {
    const auto place = std::ranges::lower_bound(labels_, by_tree.indices[i]) - labels_.begin();
    CompletionCandidate& candidate = candidates_[static_cast<std::size_t>(place)];
    candidate.score = by_tree.values[i];
    candidate.is_scored = true;
  }
  count_earlier();
  CountsInOrder pairs(nexts), occurrences(together);
  for (CompletionCandidate& candidate : candidates_) {
    candidate.count = model_.popular().count(candidate.label);
    candidate.before = model_.popular().total({0, candidate.label});
    candidate.recent = model_.recent().count(candidate.label);
    candidate.pairs = pairs.of(candidate.label);
    candidate.together = occurrences.of(candidate.label);
    if (!by_words_ || begun_.contains(candidate.label)) continue;
    const std::optional<std::size_t> word = find_typed(candidate.label);
    if (!word) continue;
    candidate.has_words = true;
    candidate.word_place = static_cast<std::uint32_t>(*word);
    context_.pairs += candidate.pairs;
    context_.together += candidate.together;
  }
}

void CompletionCandidates::add_other(const Query& query) {
  find_other_(query.previous, query.prefix, !context_.is_begun || context_.popularity <= kMaxAsked);
  for (const OtherQuery& other : other()) {
    const bool is_completion = other.text.starts_with(context_.prefix);
    const LabelId place = is_completion ? place_of(model_.names().keys, other.text, completed_)
                                        : place_of(model_.names().keys, other.text);
    candidates_.push_back({.label = place,
                           .before = model_.popular().total({0, place}),
                           .has_words = other.first.has_words,
                           .word_place = other.first.word_place,
                           .is_other = true,
                           .probability = other.probability,
                           .share = other.share,
                           .pieces = other.pieces,
                           .first = other.first.count,
                           .first_before = other.first.before});
  }
}

Completer::Completer(const CompletionModel& model, std::uint32_t k, const CompletionRequest& request,
                     const std::vector<bool>* allowed)
    : Ranker(model.labels(), k),
      model_(model),
      source_(request.source),
      makes_queries_(request.makes_queries && source_ == CompletionSource::fused),
      controls_(CompletionControls::are_needed(model, allowed, request)
                    ? std::make_unique<const CompletionControls>(model, allowed, request)
                    : nullptr),
      candidates_(model, std::max(k, kListed), source_, request.mends_typos, controls_.get()) {
  if (request.blocked != nullptr) blocked_.emplace(request.blocked->words);
  if (request.shows_distinct) near_equal_.emplace();
  const bool searches = source_ == CompletionSource::fused || source_ == CompletionSource::tree;
  if (searches && model.linear() != nullptr)
    search_.emplace(model, k, controls_ ? controls_->allowed() : nullptr,
                    source_ == CompletionSource::tree ? 0 : CompletionSearch::kFew);
  if (source_ == CompletionSource::tree && !search_)
    throw ConfigError(model.name() + ": the model has no tree", "train it with -m, or leave out --source tree");
}

std::size_t Completer::query_memory() const {
  return (search_ ? search_->query_memory() : 0) +
         std::size_t{7} * std::max(k(), kListed) * sizeof(CompletionCandidate);
}

CsrView Completer::rank(std::span<const Query> queries) {
  known_.clear();
  for (const Query& query : queries)
    known_.push_back(candidates_.known(query.prefix));
  const CsrView by_tree = search_ ? search_->rank(queries, known_) : CsrView();
  ends_.assign(1, 0);
  labels_.clear();
  scores_.clear();
  for (Row row = 0; row < queries.size(); ++row)
    rank_one(queries[row], known_[row], search_ ? by_tree.row(row) : SparseRow());
  return {queries.size(), model_.labels() + (makes_queries_ ? OtherQueries::kMax : 0), ends_, labels_, scores_};
}

void Completer::rank_one(const Query& query, const KnownPrefix& known, SparseRow by_tree) {
  candidates_.collect(query, known, by_tree);
  if (makes_queries_) candidates_.add_other(query);
  scored_.clear();
  const bool by_words = source_ == CompletionSource::words && candidates_.has_completion();
  const auto weights = model_.weights(completion_cell(candidates_.context()));
  for (const CompletionCandidate& candidate : candidates_.all())
    if (!by_words || candidates_.completes(candidate)) score(candidate, weights);
  std::ranges::sort(scored_, [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.label < b.label;
  });
  double sum = 1;
  if (source_ == CompletionSource::fused && !scored_.empty()) {
    const double best = scored_.front().score;
    sum = 0;
    for (Scored& answer : scored_)
      sum += answer.score = static_cast<double>(portable_exp(static_cast<float>(answer.score - best)));
  }
  if (near_equal_) merge_near_equal();
  for (std::size_t i = 0; i < std::min<std::size_t>(k(), scored_.size()); ++i) {
    labels_.push_back(scored_[i].label);
    scores_.push_back(static_cast<float>(scored_[i].score / sum));
  }
  ends_.push_back(labels_.size());
}

// Leaves the first answer of each group of near-equal ones, as the most frequent of them. Other queries have no count.
void Completer::merge_near_equal() {
  near_equal_->clear();
  counts_.clear();
  for (const Scored& answer : scored_) {
    const bool is_other = answer.label >= model_.labels();
    const std::size_t group = near_equal_->group(is_other ? candidates_.other()[answer.label - model_.labels()].text
                                                          : model_.names().key(answer.label));
    const std::uint64_t count = is_other ? 0 : std::uint64_t{1} + model_.popular().count(answer.label);
    if (group == counts_.size()) {
      scored_[group] = answer;
      counts_.push_back(count);
      continue;
    }
    if (source_ == CompletionSource::fused) scored_[group].score += answer.score;
    if (count <= counts_[group]) continue;
    scored_[group].label = answer.label;
    counts_[group] = count;
  }
  scored_.resize(counts_.size());
  std::ranges::stable_sort(scored_, [](const Scored& a, const Scored& b) { return a.score > b.score; });
}

void Completer::score(const CompletionCandidate& candidate, std::span<const double, kCompletionEvidence> weights) {
  LabelId label = candidate.label;
  double weight = 1;
  if (candidate.is_other) {
    const std::size_t place = candidates_.other_of(candidate);
    if (blocked_ && (*blocked_)(candidates_.other()[place].text)) return;
    label = static_cast<LabelId>(model_.labels() + place);
  } else if (controls_ != nullptr) {
    weight = static_cast<double>(controls_->weight(label));
  }
  const CompletionContext& context = candidates_.context();
  if (source_ == CompletionSource::fused) {
    const double margin = sum_of_products(candidates_.evidence(candidate), weights,
                                          kCompletionEvidence - (context.fades ? 0 : kFadingEvidence));
    scored_.push_back({weight == 1 ? margin : margin + portable_log(weight), label});
    return;
  }
  const std::uint64_t all = source_ == CompletionSource::words
                                ? model_.popular().total({0, static_cast<LabelId>(model_.labels())})
                                : context.popularity;
  double score = candidate.count / (static_cast<double>(all) + 1);
  if (source_ == CompletionSource::pairs || source_ == CompletionSource::words) score += candidate.pairs;
  if (source_ == CompletionSource::tree && candidate.is_scored) score += 1 + static_cast<double>(candidate.score);
  scored_.push_back({weight * score, label});
}

}  // namespace xmr
