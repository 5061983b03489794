#pragma once
// Best-first search through a label tree. It finds the true best k labels, which a beam may miss.
//
//   ExactSearch search(model, default_search(model));
//   const SparseRow ranked = search({row});
//
// A step of a path multiplies the score by a factor of at most 1 (post_processor.hpp), so the path value of a label is
// at most that of each node on its path. Nodes are visited in the order of their path values, until no unvisited node
// can lead to a better label than the best k. Equal scores rank by TieRule::margin; there are no positions in a beam.
// The answers are those of a beam search that drops no node.
//
// Cost: the visited nodes, at most all. Many scores of 1 (a saturated hinge) and small differences between scores add
// visits. Memory: 24 bytes a waiting node, reused. A query must not restrict its answers; the search may
// (SearchOptions::allowed). Errors: ConfigError for noop and for k 0; FormatError if a chunk is damaged. Thread rule:
// one object a thread.

#include <optional>
#include <vector>

#include "xmr/index/allowed_nodes.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/ranked_node.hpp"
#include "xmr/predict/ranker.hpp"

namespace xmr {

class ExactSearch final : public Ranker {
 public:
  // The model must outlive the search. The beam is ignored.
  ExactSearch(const RankerTree& model, const SearchOptions& options);

  CsrView rank(std::span<const Query> queries) override;
  std::size_t query_memory() const override { return k() * sizeof(RankedNode) + 1; }

 private:
  struct Waiting {
    float path;
    float path_margin;
    std::uint32_t level;  // of its children
    NodeId id;

    // The order of the heap. Of equal path values the deeper node comes first, so labels are found early.
    bool operator<(const Waiting& other) const {
      if (path != other.path) return path < other.path;
      if (level != other.level) return level < other.level;
      return id > other.id;
    }
  };
  void search(SparseRow query);
  void score_children(const Waiting& parent, SparseRow query);
  void add_label(const RankedNode& node);

  const RankerTree& model_;
  SearchOptions options_;
  std::optional<AllowedNodes> allowed_;
  std::vector<Waiting> waiting_;  // a heap
  std::vector<RankedNode> best_;  // up to k labels, a heap with the worst in front
  std::uint64_t parents_ = 0, nodes_ = 0;
  std::vector<SectionQuery> pairs_;
  std::vector<float> margins_, paths_;
  std::vector<Offset> ends_;  // the answers
  std::vector<LabelId> labels_;
  std::vector<float> scores_;
};

}  // namespace xmr
