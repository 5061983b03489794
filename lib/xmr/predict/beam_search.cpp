#include "xmr/predict/beam_search.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "xmr/util/error.hpp"

namespace xmr {

namespace {

// Margins that are made at once: they stay in the cache, and the steps of the kernel seldom run out of work.
constexpr std::size_t kMarginsAtOnce = 4096;

// Nodes gathered before the worse ones are dropped.
std::size_t buffer_of(std::uint32_t wanted) {
  return std::max<std::size_t>(64, 2 * std::size_t{wanted});
}

}  // namespace

SearchOptions default_search(const XrLinearModel& model) {
  if (model.defaults().beam == 0) throw FormatError(model.name(), "meta.json: a beam of 0 nodes");
  try {
    return search_of(model.defaults());
  } catch (const ConfigError& error) {
    throw FormatError(model.name(), std::string("meta.json: ") + error.what());
  }
}

SearchOptions search_of(const PredictDefaults& defaults) {
  return {.beam = defaults.beam, .post_processor = PostProcessor(defaults.post_processor), .ties = defaults.ties};
}

BeamSearch::BeamSearch(const RankerTree& model, const SearchOptions& options)
    : Ranker(model.tree().label_count(), options.k), model_(model), options_(options) {
  if (options.beam == 0) throw ConfigError("beam: 0 nodes kept, at least 1 is needed");
}

std::size_t BeamSearch::query_memory() const {
  return 2 * buffer_of(std::max(options_.beam, options_.k)) * sizeof(Node) + options_.beam * sizeof(Visit);
}

bool BeamSearch::ranks_before(const Node& a, const Node& b) {
  if (a.rank_score != b.rank_score) return a.rank_score > b.rank_score;
  if (a.margin != b.margin) return a.margin > b.margin;
  if (a.path_margin != b.path_margin) return a.path_margin > b.path_margin;
  return a.order < b.order;
}

CsrView BeamSearch::rank(std::span<const Query> queries) {
  const LabelTree& tree = model_.tree();
  if (walks_.size() < queries.size()) walks_.resize(queries.size());
  const std::span walks(walks_.data(), queries.size());
  for (Walk& walk : walks)
    walk.beam.assign(1, Node{});  // the root: path value 0
  for (std::size_t level = 0; level < tree.depth(); ++level) {
    wanted_ = level + 1 == tree.depth() ? options_.k : options_.beam;
    for (Walk& walk : walks) {
      walk.threshold = -std::numeric_limits<float>::infinity();
      walk.found.clear();
    }
    plan_visits(level, queries.size());
    for (std::span<const Visit> rest = visits_; !rest.empty();)
      rest = score_some(level, queries, rest);
    for (Walk& walk : walks) {
      if (walk.found.size() > wanted_) keep_best(walk);
      std::ranges::sort(walk.found, ranks_before);
      std::swap(walk.beam, walk.found);
    }
  }
  ends_.assign(1, 0);
  labels_.clear();
  scores_.clear();
  for (const Walk& walk : walks) {
    for (const Node& node : walk.beam) {
      labels_.push_back(tree.labels()[node.id]);
      scores_.push_back(options_.post_processor.score(node.path));
    }
    ends_.push_back(labels_.size());
  }
  return {queries.size(), tree.label_count(), ends_, labels_, scores_};
}

// The parents of the next level's candidates, those of one query by rank, those of several by parent.
void BeamSearch::plan_visits(std::size_t level, std::size_t queries) {
  visits_.clear();
  for (std::uint32_t query = 0; query < queries; ++query) {
    const std::vector<Node>& beam = walks_[query].beam;
    std::uint32_t position = 0;
    for (std::uint32_t rank = 0; rank < beam.size(); ++rank) {
      const NodeRange children = model_.tree().children(level, beam[rank].id);
      if (children.empty()) continue;
      visits_.push_back({query, rank, children, beam[rank].id, position});
      position += children.size();
    }
  }
  if (queries > 1 && level > 0)
    std::ranges::sort(visits_, {}, [](const Visit& v) { return std::uint64_t{v.parent} << 32 | v.query; });
}

// Scores the first of the visits; returns the rest.
std::span<const BeamSearch::Visit> BeamSearch::score_some(std::size_t level, std::span<const Query> queries,
                                                          std::span<const Visit> visits) {
  std::size_t count = 0, size = 0;
  while (count < visits.size() && (count == 0 || size + visits[count].children.size() <= kMarginsAtOnce))
    size += visits[count++].children.size();
  if (margins_.size() < size) {
    margins_.resize(size);
    paths_.resize(size);
  }
  pairs_.clear();
  float* margins = margins_.data();
  for (const Visit& visit : visits.first(count)) {
    const ChunkView chunk = model_.chunk(level, visit.parent);
    for (std::uint32_t n = 0; n < chunk.sections(); ++n) {
      pairs_.push_back({chunk.section(n), queries[visit.query].features, margins});
      margins += pairs_.back().section.children;
    }
  }
  score_sections(pairs_);
  margins = margins_.data();
  for (const Visit& visit : visits.first(count)) {
    add_children(level, visit, margins);
    margins += visit.children.size();
  }
  return visits.subspan(count);
}

void BeamSearch::add_children(std::size_t level, const Visit& visit, float* margins) {
  const LabelTree& tree = model_.tree();
  Walk& walk = walks_[visit.query];
  const Node parent = walk.beam[visit.rank];
  const NodeId count = visit.children.size();
  options_.post_processor.extend(parent.path, {margins, count}, paths_.data());

  const bool by_position = options_.ties == TieRule::position;
  const bool last = level + 1 == tree.depth();
  const std::size_t buffer = buffer_of(wanted_);
  for (NodeId i = 0; i < count; ++i) {
    const float path = paths_[i];
    const float rank_score = by_position ? options_.post_processor.score(path) : path;
    if (rank_score < walk.threshold) continue;
    Node node{.rank_score = rank_score, .path = path, .id = visit.children.front() + i};
    if (by_position) {
      node.order = visit.position + i;
    } else {
      node.margin = margins[i];
      node.path_margin = parent.path_margin + margins[i];
      node.order = last ? tree.labels()[node.id] : node.id;
    }
    walk.found.push_back(node);
    if (walk.found.size() == buffer) keep_best(walk);
  }
}

void BeamSearch::keep_best(Walk& walk) const {
  const auto worst = walk.found.begin() + static_cast<std::ptrdiff_t>(wanted_) - 1;
  std::ranges::nth_element(walk.found, worst, ranks_before);
  walk.threshold = worst->rank_score;
  walk.found.resize(wanted_);
}

}  // namespace xmr
