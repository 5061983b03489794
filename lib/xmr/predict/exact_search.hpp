#pragma once
// Best-first search through a label tree: the true best k labels, which a beam may miss, by scoring as few nodes as
// that takes.
//
//   ExactSearch search(model, default_search(model));
//   const SparseRow ranked = search({row});
//
// A label's path value is at most that of each node on its path, as a step of a path multiplies the score by a factor
// of at most 1 (post_processor.hpp; not so with noop, which is refused). So nodes are visited in the order of their
// path values until k labels are known that no unvisited node can lead beyond. Equal scores rank by TieRule::margin,
// whatever the model says: positions in a beam do not exist here. The answers are those of a beam search that drops
// nothing.
//
// Cost: the nodes visited, for which there is no bound but all of them; a hinge that saturates (many scores of 1) and
// small differences between scores make it visit more. Memory: the nodes that wait, 24 bytes each. Allocates nothing
// once the first queries have made it grow. A query may not restrict its answers, the search may
// (SearchOptions::allowed). Errors: ConfigError for noop, and for k 0; FormatError for a damaged chunk. Thread rule:
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
  // The model must outlive the search. The beam plays no part.
  ExactSearch(const RankerTree& model, const SearchOptions& options);

  CsrView rank(std::span<const Query> queries) override;
  std::size_t query_memory() const override { return k() * sizeof(RankedNode) + 1; }

 private:
  struct Waiting {
    float path;
    float path_margin;
    std::uint32_t level;  // whose children are next
    NodeId id;

    // Lower ranks come later; of equals the deeper one comes first, so that labels are known early.
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
  std::vector<RankedNode> best_;  // up to k labels, a heap with the last one in front
  std::uint64_t parents_ = 0, nodes_ = 0;
  std::vector<SectionQuery> pairs_;
  std::vector<float> margins_, paths_;
  std::vector<Offset> ends_;  // the answers
  std::vector<LabelId> labels_;
  std::vector<float> scores_;
};

}  // namespace xmr
