#pragma once
// Beam search through a label tree: at each level the children of the best `beam` nodes are scored and ranked, at the
// last level the best k labels are the answer (PECOS, JMLR 23(98), 2022, algorithm 3).
//
//   BeamSearch search(model, default_search(model));
//   const SparseRow ranked = search({row});   // labels and scores, best first (see sparse/predictions.hpp)
//
// Parents that cannot lead to one of the best k labels are not visited (beam_walk.hpp). The answers equal a search
// level by level.
//
// Each query of a group walks on its own. Sweeps join the visits that all queries plan at a level, by parent: queries
// that need the same parent visit it one after another, while its weights are in the cache.
//
// Nodes are ranked by score; ties by TieRule (docs/methods.md, "Inference"), at every level:
//   margin    the node's own margin, then the sum of the margins on its path, then the label id (above: the node id)
//   position  the parent's rank, then the order of the children; scores are compared as printed
// The ranking is total and depends on the model and the query only.
//
// Answers may be restricted to a set of labels for all queries (SearchOptions::allowed), to a range of labels of a
// query (label_ranges.hpp), or to the candidates that a query names. Nodes without such labels take no place in the
// beam and are not scored, unless they share a section (chunk.hpp) with a candidate. If at most
// SearchOptions::score_all labels a node of the beam are allowed, or if a query names its candidates, no node is
// dropped: every allowed label is scored. With a range, a level with a single candidate is passed without scoring: its
// score would be a factor of all answers. A trie is followed so, character by character. Without a range, scores equal
// an unrestricted search.
//
// The tree of a shard (model/shard.hpp) has no root: a query names the nodes where its search begins (Query::below).
//
// Allowed: a query without features (the bias decides), no allowed label, a parent without children, k above the number
// of labels, a beam wider than a level. There may then be fewer than k answers. Cost: at most depth x beam chunks
// (kernels.hpp) and a selection linear in the scored children. Memory: the children of a parent, and query_memory() a
// query of a group; it is reused, so later queries allocate nothing. Errors: FormatError if a chunk is damaged, at its
// first visit. Thread rule: one object a thread; objects share the model.

#include <cstdint>
#include <optional>
#include <vector>

#include "xmr/index/allowed_nodes.hpp"
#include "xmr/index/label_ranges.hpp"
#include "xmr/index/tree_paths.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/beam_walk.hpp"
#include "xmr/predict/kernels.hpp"
#include "xmr/predict/post_processor.hpp"
#include "xmr/predict/ranked_node.hpp"
#include "xmr/predict/ranker.hpp"
#include "xmr/predict/search_counts.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

// The options of a search. The objects that pointers refer to must outlive the search.
struct SearchOptions {
  static constexpr std::uint32_t kScoreAll = 16;
  std::uint32_t k = 10;                         // answers, >= 1
  std::uint32_t beam = 10;                      // nodes kept at each level, >= 1
  std::vector<std::uint32_t> level_beams = {};  // one for each level above the labels, instead of `beam`; empty: `beam`
  PostProcessor post_processor;
  TieRule ties = TieRule::margin;
  const std::vector<bool>* allowed = nullptr;  // [label]: may be an answer; null: all
  const TreePaths* paths = nullptr;            // of the model's tree; not null if queries name candidates
  std::uint32_t among_level = 0xffffffffU;     // the level of the candidates; from the last level on: labels
  std::uint32_t score_all = kScoreAll;         // allowed labels a node of the beam that are all scored
  SearchCounts* counts = nullptr;              // null: no counting
  bool tells_keys = false;                     // true: keys() returns the rank keys of answers
};

// Returns the search that the model records. If it records a setting that does not exist, throws FormatError.
SearchOptions default_search(const XrLinearModel& model);
// Returns the search of the defaults of a model to be trained. If a setting does not exist, throws ConfigError.
SearchOptions search_of(const PredictDefaults& defaults);

class BeamSearch final : public Ranker {
 public:
  // The model and `ranges` must outlive the search. Queries with a range of labels need `ranges` of the model's tree.
  // Queries that name candidates need options.paths. If k or a beam is 0, throws ConfigError.
  BeamSearch(const RankerTree& model, const SearchOptions& options, const LabelRanges* ranges = nullptr);

  CsrView rank(std::span<const Query> queries) override;
  std::size_t query_memory() const override;
  bool tells_keys() const override { return options_.tells_keys; }
  std::span<const RankKeys> keys() const override { return keys_; }

 private:
  // The state of a query.
  struct Search {
    BeamWalk walk;
    std::uint32_t waiting = 0;        // planned visits
    std::vector<std::uint8_t> flags;  // of the children of its visits, if restricted: 1 if a label below is allowed
    std::vector<std::vector<NodeId>> ways;  // [level]: nodes on the paths to the named candidates
  };
  // A parent whose children are scored for a query.
  struct Visit {
    std::uint32_t level;  // of the children
    NodeId parent;
    std::uint32_t query, rank;  // the parent is searches_[query].walk.parent(level, rank)
    std::uint32_t flags;        // the index in Search::flags of its first child; kAllAllowed: all are candidates
  };
  static constexpr std::uint32_t kAllAllowed = 0xffffffffU;
  void start(Search& search, const Query& query);
  void plan_visits(std::uint32_t query, const Query& restriction);
  bool is_restricted(const Query& query) const { return query.allowed || query.among || allowed_; }
  void plan_restricted(std::uint32_t query, const Query& restriction, const BeamWalk::Parents& parents);
  std::size_t flag_children(Search& search, const Query& query, std::size_t level, NodeRange children) const;
  bool is_allowed(const Visit& visit, NodeId first, NodeId count) const;
  void sweep(std::span<const Query> queries);
  void score_visits(std::span<const Visit> taken, std::size_t children, std::span<const Query> queries);
  void add_children(const Visit& visit, NodeRange children, float* margins);
  float rank_score(float path) const;
  CsrView answers(std::size_t queries);

  const RankerTree& model_;
  SearchOptions options_;
  const LabelRanges* ranges_;
  std::optional<AllowedNodes> allowed_;
  std::uint32_t widest_beam_;
  std::vector<Search> searches_;             // [query]
  std::vector<std::vector<Visit>> waiting_;  // [level]: planned visits
  std::vector<Visit> sweep_, planned_;       // of one level; of one query
  std::vector<RankedNode> parents_;          // of the first level
  std::vector<SectionQuery> pairs_;
  std::vector<float> margins_, paths_;  // of the children of several visits; of one visit
  std::vector<NodeId> places_;          // of the candidates of a visit among the children
  std::vector<Offset> ends_;            // the answers
  std::vector<LabelId> labels_;
  std::vector<float> scores_;
  std::vector<RankKeys> keys_;
};

}  // namespace xmr
