#include "xmr/predict/retriever.hpp"

#include <algorithm>

#include "xmr/util/exp_log.hpp"

namespace xmr {
namespace {

constexpr std::size_t kAhead = 8;  // candidates whose texts are fetched

SearchOptions tree_search(const XrLinearModel& model, std::uint32_t k, const std::vector<bool>* allowed) {
  SearchOptions options = default_search(model);
  options.k = k;
  options.allowed = allowed;
  return options;
}

}  // namespace

RetrievalCandidates::RetrievalCandidates(const RetrievalModel& model, std::uint32_t listed,
                                         const std::vector<bool>* allowed)
    : model_(model),
      listed_(listed),
      allowed_(allowed),
      read_(*model.vectorizer(), model.idf()),
      candidates_(model.labels()),
      weigh_(model.texts(), model.links()),
      place_(model.trees().size() > 1 ? model.labels() : 0) {
  for (const XrLinearModel& tree : model.trees())
    trees_.emplace_back(tree, tree_search(tree, listed, allowed));
  if (model.words() != nullptr)
    words_.emplace(model.words()->postings(), listed, allowed, enough_postings(model.labels()));
  if (model.neighbours() != nullptr) neighbours_.emplace(*model.neighbours(), listed);
  if (model.grams() != nullptr)
    grams_.emplace(model.grams()->postings(), listed, allowed, enough_postings(model.labels()));
}

// The most that a label can score.
float RetrievalCandidates::bound(const Bm25Model& model, SparseRow query) {
  double sum = 0;
  for (std::size_t i = 0; i < query.size(); ++i)
    sum += static_cast<double>(query.values[i]) * model.postings()[query.indices[i]].largest;
  return static_cast<float>(sum * kImpactUnit);
}

// The mean of the trees' scores; a tree that does not list a label gives it 0.
SparseRow RetrievalCandidates::search_trees(SparseRow query) {
  if (trees_.size() == 1) return trees_.front()({.features = query});
  sums_.clear();
  for (std::size_t tree = 0; tree < trees_.size(); ++tree) {
    const SparseRow found = trees_[tree]({.features = query});
    for (std::size_t i = 0; i < found.size(); ++i) {
      std::uint32_t& place = place_[found.indices[i]];
      if (place == 0) {
        sums_.push_back({0, found.indices[i]});
        place = static_cast<std::uint32_t>(sums_.size());
      }
      sums_[place - 1].score += found.values[i];
    }
  }
  for (const Sum& sum : sums_)
    place_[sum.label] = 0;
  std::ranges::sort(
      sums_, [](const Sum& a, const Sum& b) { return a.score != b.score ? a.score > b.score : a.label < b.label; });
  if (sums_.size() > listed_) sums_.resize(listed_);
  labels_.clear();
  scores_.clear();
  for (const Sum& sum : sums_) {
    labels_.push_back(sum.label);
    scores_.push_back(sum.score / static_cast<float>(trees_.size()));
  }
  return {labels_, scores_};
}

// The entries of a list of neighbours that may be answers; keeps nearest_ in step.
SparseRow RetrievalCandidates::only_allowed(SparseRow listed) {
  labels_.clear();
  scores_.clear();
  for (std::size_t i = 0; i < listed.size(); ++i) {
    if (!(*allowed_)[listed.indices[i]]) continue;
    nearest_[labels_.size()] = nearest_[i];
    labels_.push_back(listed.indices[i]);
    scores_.push_back(listed.values[i]);
  }
  return {labels_, scores_};
}

// The other sources take long enough to hide how long the fetches take.
void RetrievalCandidates::add(Source source, SparseRow listed, float largest) {
  for (const LabelId label : listed.indices)
    model_.texts().fetch(label);
  candidates_.add(source, listed, largest);
}

void RetrievalCandidates::collect(std::string_view text) {
  const ReadText& read = read_(text);
  candidates_.clear();
  if (!trees_.empty()) add(Source::trees, search_trees(read.weighed), 1);
  if (words_) add(Source::words, (*words_)(read.words), bound(*model_.words(), read.words));
  if (grams_) add(Source::grams, (*grams_)(read.grams), bound(*model_.grams(), read.grams));
  if (neighbours_) {
    const SparseRow listed = (*neighbours_)(read.weighed);
    nearest_.assign(neighbours_->nearest().begin(), neighbours_->nearest().end());
    const SparseRow allowed = allowed_ == nullptr ? listed : only_allowed(listed);
    add(Source::neighbours, allowed, 1);
    candidates_.add_nearest(allowed, nearest_);
  }
  weigh_.ask(read, candidates_);
  const std::size_t size = RetrievalEvidence::size();
  evidence_.resize(all().size() * size);
  const std::span<const RetrievalCandidate> candidates = all();
  const LabelTexts& texts = model_.texts();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i + kAhead < candidates.size()) texts.fetch_entries(candidates[i + kAhead].label);
    weigh_(candidates[i], std::span(evidence_).subspan(i * size, size));
  }
}

Retriever::Retriever(const RetrievalModel& model, std::uint32_t k, const std::vector<bool>* allowed)
    : Ranker(model.labels(), k), candidates_(model, std::max(k, model.listed()), allowed), score_(model.margin()) {}

std::size_t Retriever::query_memory() const {
  return k() * (sizeof(LabelId) + sizeof(float)) + sizeof(Query);
}

CsrView Retriever::rank(std::span<const Query> queries) {
  ends_.assign(1, 0);
  labels_.clear();
  scores_.clear();
  for (const Query& query : queries)
    rank_one(query.text);
  return {queries.size(), labels(), ends_, labels_, scores_};
}

void Retriever::rank_one(std::string_view text) {
  candidates_.collect(text);
  const auto all = candidates_.all();
  margins_.resize(all.size());
  score_({candidates_.evidence(), RetrievalEvidence::size()}, margins_);
  scored_.clear();
  for (std::size_t i = 0; i < all.size(); ++i)
    scored_.push_back({margins_[i], all[i].label});
  const std::size_t answers = std::min<std::size_t>(k(), scored_.size());
  std::ranges::partial_sort(
      scored_, scored_.begin() + static_cast<std::ptrdiff_t>(answers),
      [](const Scored& a, const Scored& b) { return a.margin != b.margin ? a.margin > b.margin : a.label < b.label; });
  for (const Scored& answer : std::span(scored_).first(answers)) {
    labels_.push_back(answer.label);
    scores_.push_back(1 / (1 + portable_exp(static_cast<float>(-answer.margin))));
  }
  ends_.push_back(labels_.size());
}

}  // namespace xmr
