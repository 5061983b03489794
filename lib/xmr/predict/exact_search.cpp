#include "xmr/predict/exact_search.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

ExactSearch::ExactSearch(const RankerTree& model, const SearchOptions& options)
    : Ranker(model.tree().label_count(), options.k), model_(model), options_(options) {
  if (options.post_processor.path_rule() == PathRule::ignore_parent)
    throw ConfigError(fmt::format("exact search: with {} a label may score more than the nodes above it, so that only "
                                  "scoring all labels would tell",
                                  options.post_processor.name()),
                      "--post-processor sigmoid or l3-hinge has scores that fall on the way down");
  if (options.allowed != nullptr) allowed_.emplace(model.tree(), *options.allowed);
}

CsrView ExactSearch::rank(std::span<const Query> queries) {
  ends_.assign(1, 0);
  labels_.clear();
  scores_.clear();
  parents_ = nodes_ = 0;
  for (const Query& query : queries) {
    search(query.features);
    std::ranges::sort(best_, RanksBefore());
    for (const RankedNode& node : best_) {
      labels_.push_back(node.order);
      scores_.push_back(options_.post_processor.score(node.path));
    }
    ends_.push_back(labels_.size());
  }
  if (options_.counts != nullptr) options_.counts->add(queries.size(), parents_, nodes_);
  return {queries.size(), model_.tree().label_count(), ends_, labels_, scores_};
}

void ExactSearch::search(SparseRow query) {
  best_.clear();
  waiting_.assign(1, Waiting{.path = 0, .path_margin = 0, .level = 0, .id = 0});
  while (!waiting_.empty()) {
    std::pop_heap(waiting_.begin(), waiting_.end());
    const Waiting parent = waiting_.back();
    waiting_.pop_back();
    // If the path values are equal, a label below may have the larger margin.
    if (best_.size() == k() && parent.path < best_.front().path) return;
    score_children(parent, query);
  }
}

void ExactSearch::score_children(const Waiting& parent, SparseRow query) {
  const LabelTree& tree = model_.tree();
  const NodeRange children = tree.children(parent.level, parent.id);
  if (children.empty()) return;
  if (margins_.size() < children.size()) {
    margins_.resize(children.size());
    paths_.resize(children.size());
  }
  pairs_.clear();
  append_sections(model_.chunk(parent.level, parent.id), query, margins_.data(), pairs_);
  score_sections(pairs_);
  options_.post_processor.extend(parent.path, {margins_.data(), children.size()}, paths_.data());
  ++parents_;
  nodes_ += children.size();
  const bool is_last = parent.level + 1 == tree.depth();
  for (NodeId i = 0; i < children.size(); ++i) {
    const NodeId node = children.front() + i;
    if (allowed_ && !allowed_->has(parent.level, node)) continue;
    if (best_.size() == k() && paths_[i] < best_.front().path) continue;
    const float path_margin = parent.path_margin + margins_[i];
    if (is_last) {
      add_label({.rank_score = paths_[i],
                 .margin = margins_[i],
                 .path_margin = path_margin,
                 .order = tree.label(node),
                 .path = paths_[i],
                 .id = node});
    } else {
      waiting_.push_back({paths_[i], path_margin, parent.level + 1, node});
      std::push_heap(waiting_.begin(), waiting_.end());
    }
  }
}

void ExactSearch::add_label(const RankedNode& node) {
  if (best_.size() == k()) {
    if (!RanksBefore()(node, best_.front())) return;
    std::ranges::pop_heap(best_, RanksBefore());
    best_.pop_back();
  }
  best_.push_back(node);
  std::ranges::push_heap(best_, RanksBefore());
}

}  // namespace xmr
