#pragma once
// Completes Query::prefix after Query::previous and Query::earlier (empty: none). The features for XR-Linear are made
// of the two texts.
//
//   Completer complete(model, 10);
//   const SparseRow ranked = complete({.previous = "libc6", .prefix = "libg"});
//
// Candidates have these sources: the most popular completions, in all and of late (complete/recent.hpp), the most
// frequent successors of the previous query, the queries most often in sessions with it or an earlier query, and the
// best of a beam search for the labels with the prefix (beam_search.hpp). Labels that hold the typed words in any order
// (complete/word_index.hpp) are candidates too: the most popular ones, successors, queries of the same sessions, and
// neighbours of the previous query in bytewise order. Each source gives max(kListed, k) candidates. They are ranked by
// the fitted sum of their evidence (complete/evidence.hpp); scores are probabilities among the candidates. If queries
// that are no labels (complete/other_queries.hpp) are wanted, they are candidates too: label L + i is the i-th one, L
// the number of labels. A single source ranks by itself and is filled up with popular completions:
//   popular  the share of the popularity of all completions
//   pairs    the number of times it followed the previous query, plus that share
//   words    as pairs, with the labels that hold the typed words; the share is over all labels
//   tree     1 + the score of XR-Linear for labels that it found, plus the share of popular
// If no label begins with the prefix, the longest beginning of the prefix with labels replaces it. With mended typos, a
// prefix one edit away is preferred (complete/typo.hpp). There may be fewer than k answers. With controls
// (completion_controls.hpp) each source lists allowed labels only, those with the largest count times weight. The
// weight multiplies the odds of `fused`, and the score of other sources. Of near-equal answers, if they are to be
// distinct, the most frequent has the best place, and in `fused` the sum of their scores.
// Cost: the search, about 1 µs a look-up and 100 ns a candidate. Thread rule: one object a thread; objects share the
// model.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "xmr/complete/evidence.hpp"
#include "xmr/complete/known_prefix.hpp"
#include "xmr/complete/near_equal.hpp"
#include "xmr/complete/other_queries.hpp"
#include "xmr/complete/word_index.hpp"
#include "xmr/complete/words.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/completion_controls.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/completion_source.hpp"
#include "xmr/predict/rank_request.hpp"
#include "xmr/predict/ranker.hpp"

namespace xmr {

// The candidates of one request.
class CompletionCandidates {
 public:
  // `listed`: the largest number of candidates of a source. A source other than `fused` has the evidence that it needs.
  // `controls`: null: none. Both must outlive the object.
  CompletionCandidates(const CompletionModel& model, std::size_t listed,
                       CompletionSource source = CompletionSource::fused, bool mends_typos = false,
                       const CompletionControls* controls = nullptr)
      : model_(model),
        controls_(controls),
        listed_(listed),
        is_fused_(source == CompletionSource::fused),
        by_pairs_(is_fused_ || source == CompletionSource::pairs || source == CompletionSource::words),
        by_words_(is_fused_ || source == CompletionSource::words),
        known_(model.names().keys, model.popular(), mends_typos),
        search_words_(model.words(), model.names().keys, controls == nullptr ? nullptr : controls->allowed()),
        find_other_(model.first(), model.grams(), model.names().keys) {
    const LabelRange all{0, static_cast<LabelId>(model.labels())};
    if (!model.recent().empty())
      recent_rate_ = model.recent().total(all) / std::max(1.0, static_cast<double>(model.popular().total(all)));
  }

  KnownPrefix known(std::string_view prefix) { return known_(prefix); }

  // `by_tree`: the answers of the search for the labels of the range.
  void collect(const Query& query, const KnownPrefix& known, SparseRow by_tree);
  const CompletionContext& context() const { return context_; }
  // Adds queries that are no labels. If more than kMaxAsked queries of the log begin with the typed text, none of them
  // are made. Call it behind collect().
  void add_other(const Query& query);
  std::span<const OtherQuery> other() const { return find_other_.all(); }
  std::span<const CompletionCandidate> all() const { return candidates_; }  // by label, then the other queries
  // True if a label begins with the typed text or holds its words. Other candidates begin with a part of the text.
  bool completes(const CompletionCandidate& candidate) const { return context_.is_begun || candidate.has_words; }
  bool has_completion() const {
    return std::ranges::any_of(candidates_, [&](const CompletionCandidate& candidate) { return completes(candidate); });
  }
  // The place in other() of a candidate that is no label.
  std::size_t other_of(const CompletionCandidate& candidate) const {
    return static_cast<std::size_t>(&candidate - candidates_.data()) - (candidates_.size() - other().size());
  }
  CompletionEvidence evidence(const CompletionCandidate& candidate) const {
    return read_evidence_(candidate,
                          candidate.is_other ? other()[other_of(candidate)].text : model_.names().key(candidate.label));
  }

 private:
  static constexpr std::uint64_t kMaxAsked = 32;
  // The largest number of successors that are compared with the typed words; the most frequent ones.
  static constexpr std::size_t kMaxCompared = 64;

  // On each side of the previous query: the largest number of labels that are compared with the typed words, and of
  // labels that hold them.
  static constexpr LabelId kNear = 64, kNearFound = 6;

  void add_recent(LabelRange range);
  void add_pairs(const PairCounts::Nexts& nexts);
  void add_pairs_with_words(const PairCounts::Nexts& nexts);
  void add_near();
  void keep_most_frequent(const PairCounts::Nexts& nexts, std::size_t most);
  bool is_allowed(LabelId label) const { return controls_ == nullptr || controls_->has(label); }
  std::optional<std::size_t> find_typed(LabelId label);
  void find_earlier(const Query& query, LabelRange range);
  void count_earlier();
  void make_candidates(SparseRow by_tree, const PairCounts::Nexts& nexts, const PairCounts::Nexts& together);

  const CompletionModel& model_;
  const CompletionControls* controls_;
  std::size_t listed_;
  bool is_fused_, by_pairs_, by_words_;
  double recent_rate_ = 0;  // fading counts of all labels over their counts
  KnownPrefixes known_;
  WordSearch search_words_;
  OtherQueries find_other_;
  Words typed_, key_words_;
  // The queries before the previous one: labels that followed them, and labels of the same sessions.
  struct Earlier {
    PairCounts::Nexts nexts, together;
  };
  std::array<Earlier, kMaxEarlier> earlier_;
  LabelRange completed_;  // labels that begin with KnownPrefix::prefix
  LabelRange begun_;      // completed_ if the prefix is the typed text or the mended one; else empty
  CompletionContext context_;
  EvidenceReader read_evidence_;
  std::vector<CompletionCandidate> candidates_;
  std::vector<LabelId> labels_;
  std::vector<std::size_t> order_;
  std::vector<Popular::Interval> intervals_;
};

// The beam search of a completion model that has a linear model.
class CompletionSearch {
 public:
  // The largest number of labels that are not searched: they are candidates anyway.
  static constexpr std::size_t kFew = 4;

  // `k`: labels of an answer. `allowed`: by label; null: all. `few`: queries whose range has at most so many labels
  // have no answers. The model must outlive it.
  CompletionSearch(const CompletionModel& model, std::uint32_t k, const std::vector<bool>* allowed = nullptr,
                   std::size_t few = kFew);

  // `known`: of each query. Valid until the next call.
  CsrView rank(std::span<const Query> queries, std::span<const KnownPrefix> known);
  std::size_t query_memory() const { return search_.query_memory() + sizeof(Query); }

 private:
  const CompletionModel& model_;
  std::size_t few_;
  BeamSearch search_;
  Vectorizer::Scratch scratch_;
  std::vector<bool> reads_previous_;  // of each column of the vectorizer
  std::vector<std::string_view> texts_;
  std::vector<Query> searched_;
  std::vector<Offset> ends_;  // of the features of each query
  std::vector<FeatureId> features_;
  std::vector<float> values_;
};

class Completer final : public Ranker {
 public:
  static constexpr std::uint32_t kListed = 20;
  // SearchOptions::beam and score_all. A narrow beam is enough: the other sources list the likely labels too.
  static constexpr std::uint32_t kBeam = 5;
  static constexpr std::uint32_t kScoreAll = 1;

  // The model must outlive it; `allowed` (by label; null: all) is copied. If k is 0, or if the source is the tree and
  // the model has none, throws ConfigError; also as CompletionControls.
  Completer(const CompletionModel& model, std::uint32_t k, const CompletionRequest& request = {},
            const std::vector<bool>* allowed = nullptr);

  CsrView rank(std::span<const Query> queries) override;
  std::size_t query_memory() const override;

 private:
  struct Scored {
    double score;
    LabelId label;
  };
  void score(const CompletionCandidate& candidate, std::span<const double, kCompletionEvidence> weights);
  void merge_near_equal();
  void rank_one(const Query& query, const KnownPrefix& known, SparseRow by_tree);

  const CompletionModel& model_;
  CompletionSource source_;
  bool makes_queries_;
  std::unique_ptr<const CompletionControls> controls_;  // null: none are needed
  std::optional<BlockedWords::Search> blocked_;         // of queries that are no labels
  CompletionCandidates candidates_;
  std::optional<CompletionSearch> search_;  // of a source that asks the tree
  std::vector<KnownPrefix> known_;
  std::vector<Scored> scored_;
  std::optional<NearEqual> near_equal_;  // of distinct answers
  std::vector<std::uint64_t> counts_;    // of the answers that are shown
  std::vector<Offset> ends_;             // the answers
  std::vector<LabelId> labels_;
  std::vector<float> scores_;
};

}  // namespace xmr
