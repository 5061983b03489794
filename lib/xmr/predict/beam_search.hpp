#pragma once
// Beam search through a label tree: at each level the children of the best `beam` nodes are scored and ranked, at the
// last level the best k labels are the answer (PECOS, JMLR 23(98), 2022, algorithm 3).
//
//   BeamSearch search(model, default_search(model));
//   const SparseRow ranked = search({row});   // labels and scores, best first (see sparse/predictions.hpp)
//
// The queries of a group go down the tree together, level by level, and those that need the same parent visit it one
// after another, while its weights are in the cache.
//
// Nodes are ranked by score; ties by TieRule (docs/methods.md, "Inference"), at every level:
//   margin    the node's own margin, then the sum of the margins on its path, then the label id (above: the node id)
//   position  the parent's rank, then the order of the children; scores are compared as printed
// so that the ranking is total and depends on nothing but the model and the query.
//
// Answers may be restricted: by a set of labels for all queries (SearchOptions::allowed), by a range of labels that a
// query allows, such as those that begin with what was typed (see label_ranges.hpp), by the candidates that it names.
// Nodes that lead to none of them are no candidates: they are not scored, unless they share a section (chunk.hpp) with
// one that does, and take no place in the beam. If at most SearchOptions::score_all labels a node of the beam are
// allowed, or if a query names its candidates, no node is dropped, so that every allowed label is scored. With a range,
// a level with a single candidate is passed without being scored, as its score would be a factor of all answers: this
// is how a trie is followed while its characters are typed. Without one, scores are those of an unrestricted search.
//
// The tree of a shard (model/shard.hpp) has no root: a query names the nodes where its search begins (Query::below).
//
// All of these are legal: a query without features (the bias alone decides), no allowed label, a parent without
// children, k above the number of labels, a beam wider than a level. There may then be fewer than k answers.
// Cost: depth × beam chunks (see kernels.hpp) and a selection that is linear in the children scored. Memory: the
// children of a parent, and per query of a group query_memory(); reused: nothing is allocated once the first queries
// have made it grow.
// Errors: FormatError for a damaged chunk, at its first visit.
// Thread rule: one object a thread; objects share the model.

#include <cstdint>
#include <optional>
#include <vector>

#include "xmr/index/allowed_nodes.hpp"
#include "xmr/index/label_ranges.hpp"
#include "xmr/index/tree_paths.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/kernels.hpp"
#include "xmr/predict/post_processor.hpp"
#include "xmr/predict/ranked_node.hpp"
#include "xmr/predict/ranker.hpp"
#include "xmr/predict/search_counts.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

// What beside a query restricts the answers, and what is counted. All of it must outlive the search.
struct SearchOptions {
  static constexpr std::uint32_t kScoreAll = 16;
  std::uint32_t k = 10;                         // answers wanted, ≥ 1
  std::uint32_t beam = 10;                      // nodes kept a level, ≥ 1
  std::vector<std::uint32_t> level_beams = {};  // the same for each level above the labels, instead of `beam`; or none
  PostProcessor post_processor;
  TieRule ties = TieRule::margin;
  const std::vector<bool>* allowed = nullptr;  // by label: the only ones that may be answers; null: all
  const TreePaths* paths = nullptr;            // of the model's tree, for queries that name their candidates
  std::uint32_t among_level = 0xffffffffU;     // which they are nodes of; from the last level on: labels
  std::uint32_t score_all = kScoreAll;         // allowed labels for each node of the beam: so few are all scored
  SearchCounts* counts = nullptr;              // or none
  bool tells_keys = false;                     // what answers are ranked by, too
};

// What the model's maker chose. FormatError for a post-processor or beam that there is not.
SearchOptions default_search(const XrLinearModel& model);
// The same before there is a model. ConfigError.
SearchOptions search_of(const PredictDefaults& defaults);

class BeamSearch final : public Ranker {
 public:
  // The model must outlive the search. Queries that allow a range of labels need `ranges`, those of the model's tree,
  // which must outlive it, too; those that name candidates need options.paths. ConfigError for k or beam 0.
  BeamSearch(const RankerTree& model, const SearchOptions& options, const LabelRanges* ranges = nullptr);

  CsrView rank(std::span<const Query> queries) override;
  std::size_t query_memory() const override;
  bool tells_keys() const override { return options_.tells_keys; }
  std::span<const RankKeys> keys() const override { return keys_; }

 private:
  // A query on its way down the tree.
  struct Walk {
    std::vector<RankedNode> beam, found;    // ranked nodes of the level above; candidates of this one
    float threshold = 0;                    // a candidate with a lower rank score is not among those wanted
    std::size_t wanted = 0;                 // nodes to keep of this level
    bool scores_all = false;                // no node above the labels is dropped
    std::vector<std::vector<NodeId>> ways;  // of a query that names its candidates: nodes that lead there, by level
  };
  // A parent whose children are scored for a query.
  struct Visit {
    std::uint32_t query, rank;  // the parent is walks_[query].beam[rank]
    NodeRange children;
    NodeId parent;
    std::size_t flags;  // where those of its children begin in flags_; kAllAllowed if the query allows all labels
  };
  static constexpr std::size_t kAllAllowed = static_cast<std::size_t>(-1);
  void start(Walk& walk, const Query& query) const;
  void start_level(Walk& walk, std::size_t level) const;
  void plan_visits(std::size_t level, std::span<const Query> queries);
  bool is_restricted(const Query& query) const { return query.allowed || query.among || allowed_; }
  void plan_restricted(std::size_t level, std::uint32_t query, const Query& restriction);
  std::size_t flag_children(std::size_t level, const Walk& walk, const Query& query, NodeRange children);
  bool is_allowed(const Visit& visit, NodeId first, NodeId count) const;
  std::span<const Visit> score_some(std::size_t level, std::span<const Query> queries, std::span<const Visit> visits);
  void add_children(std::size_t level, const Visit& visit, float* margins);
  void keep_best(Walk& walk) const;
  void rank_found(Walk& walk, bool is_last) const;
  void count_visits() const;

  const RankerTree& model_;
  SearchOptions options_;
  const LabelRanges* ranges_;
  std::optional<AllowedNodes> allowed_;
  std::uint32_t widest_beam_;
  std::vector<Walk> walks_;  // by query
  std::vector<Visit> visits_;
  std::vector<std::uint8_t> flags_;  // of the children of some visits: 1 if a label below is allowed
  std::vector<SectionQuery> pairs_;
  std::vector<float> margins_, paths_;  // of the children of some visits; of one
  std::vector<Offset> ends_;            // the answers
  std::vector<LabelId> labels_;
  std::vector<float> scores_;
  std::vector<RankKeys> keys_;
};

}  // namespace xmr
