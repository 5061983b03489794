#include "xmr/predict/beam_search.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "xmr/predict/kernels.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/exp_log.hpp"

namespace xmr {

namespace {

constexpr std::size_t kMinimumBuffer = 64;  // nodes gathered before the worse ones are dropped

}  // namespace

SearchOptions default_search(const XrLinearModel& model) {
  const PredictDefaults& defaults = model.defaults();
  if (defaults.beam == 0) throw FormatError(model.name(), "meta.json: a beam of 0 nodes");
  try {
    return {.beam = defaults.beam, .post_processor = PostProcessor(defaults.post_processor), .ties = defaults.ties};
  } catch (const ConfigError& error) {
    throw FormatError(model.name(), std::string("meta.json: ") + error.what());
  }
}

BeamSearch::BeamSearch(const XrLinearModel& model, const SearchOptions& options) : model_(model), options_(options) {
  if (options.k == 0) throw ConfigError("k: 0 answers wanted, at least 1 is needed");
  if (options.beam == 0) throw ConfigError("beam: 0 nodes kept, at least 1 is needed");
}

bool BeamSearch::ranks_before(const Node& a, const Node& b) {
  if (a.rank_score != b.rank_score) return a.rank_score > b.rank_score;
  if (a.margin != b.margin) return a.margin > b.margin;
  if (a.path_margin != b.path_margin) return a.path_margin > b.path_margin;
  return a.order < b.order;
}

SparseRow BeamSearch::operator()(SparseRow query) {
  const LabelTree& tree = model_.tree();
  beam_.assign(1, Node{});  // the root: path value 0
  for (std::size_t level = 0; level < tree.depth(); ++level) {
    wanted_ = level + 1 == tree.depth() ? options_.k : options_.beam;
    threshold_ = -std::numeric_limits<float>::infinity();
    seen_ = 0;
    found_.clear();
    for (const Node& parent : beam_)
      expand(level, parent, query);
    if (found_.size() > wanted_) keep_best();
    std::ranges::sort(found_, ranks_before);
    std::swap(beam_, found_);
  }
  labels_.clear();
  scores_.clear();
  for (const Node& node : beam_) {
    labels_.push_back(tree.labels()[node.id]);
    scores_.push_back(options_.post_processor.score(node.path));
  }
  return {labels_, scores_};
}

void BeamSearch::expand(std::size_t level, const Node& parent, SparseRow query) {
  const LabelTree& tree = model_.tree();
  const NodeRange children = tree.children(level, parent.id);
  const NodeId count = children.size();
  if (count == 0) return;
  if (margins_.size() < count) {
    margins_.resize(count);
    paths_.resize(count);
  }
  score_chunk(model_.chunk(level, parent.id), query, margins_.data());
  options_.post_processor.extend(parent.path, {margins_.data(), count}, paths_.data());

  const bool by_position = options_.ties == TieRule::position;
  const bool last = level + 1 == tree.depth();
  const std::size_t buffer = std::max(kMinimumBuffer, 2 * std::size_t{wanted_});
  for (NodeId i = 0; i < count; ++i) {
    const float path = paths_[i];
    const float rank_score = by_position ? options_.post_processor.score(path) : path;
    if (rank_score < threshold_) continue;
    Node node{.rank_score = rank_score, .path = path, .id = children.front() + i};
    if (by_position) {
      node.order = seen_ + i;
    } else {
      node.margin = margins_[i];
      node.path_margin = parent.path_margin + margins_[i];
      node.order = last ? tree.labels()[node.id] : node.id;
    }
    found_.push_back(node);
    if (found_.size() == buffer) keep_best();
  }
  seen_ += count;
}

void BeamSearch::keep_best() {
  const auto worst = found_.begin() + static_cast<std::ptrdiff_t>(wanted_) - 1;
  std::ranges::nth_element(found_, worst, ranks_before);
  threshold_ = worst->rank_score;
  found_.resize(wanted_);
}

}  // namespace xmr
