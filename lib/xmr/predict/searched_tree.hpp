#pragma once
// The part of the tree that a beam search looks at for one query, for a person to look at: the nodes that it scores,
// those that it keeps, and the labels that it answers with.
//
//   const SearchedTree searched = search_tree(model, options, query);
//   file.write(graphviz(searched, model));
//
// What is kept is what BeamSearch says: the search is made once for each level, with the nodes of the level as answers.
// Cost: that of depth searches and one more look at each node. Errors: those of BeamSearch. Thread rule: pure
// functions.

#include <string>
#include <vector>

#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/ranker.hpp"

namespace xmr {

struct SearchedNode {
  NodeId node = 0;
  NodeId parent = 0;  // of the level above, where it is kept; 0 (the root) at the first
  float margin = 0;
  float score = 0;  // of the path up to here
  bool is_kept = false;
  bool is_answered = false;  // a label of the answers, or on the path to one
};

// The nodes that were scored, by level and number.
struct SearchedTree {
  std::vector<std::vector<SearchedNode>> levels;
};

// `query` allows all labels.
SearchedTree search_tree(const XrLinearModel& model, const SearchOptions& options, const Query& query);

// As a graph in the language of Graphviz: a box for each kept node, green on the way to an answer, labels with their
// keys; for each kept node one more for its children that were scored and not kept.
std::string graphviz(const SearchedTree& searched, const XrLinearModel& model);

}  // namespace xmr
