#pragma once
// The part of the tree that a beam search visits for one query, as a picture: the scored nodes, the kept nodes and the
// answers.
//
//   const SearchedTree searched = search_tree(model, options, query);
//   file.write(graphviz(searched, model));
//
// BeamSearch itself finds the kept nodes: it runs once for each level, with the nodes of the level as answers. Cost:
// depth searches, and one visit of each node. Errors: as BeamSearch. Thread rule: pure functions.

#include <string>
#include <vector>

#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/ranker.hpp"

namespace xmr {

struct SearchedNode {
  NodeId node = 0;
  NodeId parent = 0;  // a kept node of the level above; at the first level 0, the root
  float margin = 0;
  float score = 0;  // of the path from the root
  bool is_kept = false;
  bool is_answered = false;  // an answer, or on the path to one
};

// The scored nodes, by level and number.
struct SearchedTree {
  std::vector<std::vector<SearchedNode>> levels;
};

// `query` allows all labels.
SearchedTree search_tree(const XrLinearModel& model, const SearchOptions& options, const Query& query);

// Returns a graph in the language of Graphviz. Each kept node is a box, green on the path to an answer; labels have
// their keys. One more box a kept node stands for its scored children that are not kept.
std::string graphviz(const SearchedTree& searched, const XrLinearModel& model);

}  // namespace xmr
