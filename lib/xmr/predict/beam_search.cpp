#include "xmr/predict/beam_search.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>

#include "xmr/util/error.hpp"

namespace xmr {

namespace {

// Margins computed at once: they fit the cache and keep the steps of the kernel busy.
constexpr std::size_t kMarginsAtOnce = 4096;

// Nodes collected before the worst are dropped.
std::size_t buffer_of(std::size_t wanted) {
  return std::max<std::size_t>(64, 2 * wanted);
}

}  // namespace

SearchOptions default_search(const XrLinearModel& model) {
  const PredictDefaults& defaults = model.defaults();
  if (defaults.beam == 0 || std::ranges::count(defaults.level_beams, 0U) > 0)
    throw FormatError(model.name(), "meta.json: a beam of 0 nodes");
  try {
    return search_of(defaults);
  } catch (const ConfigError& error) {
    throw FormatError(model.name(), std::string("meta.json: ") + error.what());
  }
}

SearchOptions search_of(const PredictDefaults& defaults) {
  return {.beam = defaults.beam,
          .level_beams = defaults.level_beams,
          .post_processor = PostProcessor(defaults.post_processor),
          .ties = defaults.ties};
}

BeamSearch::BeamSearch(const RankerTree& model, const SearchOptions& options, const LabelRanges* ranges)
    : Ranker(model.tree().label_count(), options.k), model_(model), options_(options), ranges_(ranges) {
  if (options.beam == 0 || std::ranges::count(options.level_beams, 0U) > 0)
    throw ConfigError("beam: 0 nodes kept, at least 1 is needed");
  if (options_.level_beams.empty()) options_.level_beams.assign(model.tree().depth() - 1, options.beam);
  assert(options_.level_beams.size() + 1 == model.tree().depth());
  if (options.allowed != nullptr) allowed_.emplace(model.tree(), *options.allowed);
  widest_beam_ = options_.level_beams.empty() ? options.beam : std::ranges::max(options_.level_beams);
}

std::size_t BeamSearch::query_memory() const {
  const std::size_t widest = std::size_t{widest_beam_} * (ranges_ == nullptr && !allowed_ ? 1 : options_.score_all);
  return 2 * buffer_of(std::max<std::size_t>(widest, options_.k)) * sizeof(RankedNode) + widest * sizeof(Visit);
}

CsrView BeamSearch::rank(std::span<const Query> queries) {
  const LabelTree& tree = model_.tree();
  if (walks_.size() < queries.size()) walks_.resize(queries.size());
  const std::span walks(walks_.data(), queries.size());
  for (std::size_t i = 0; i < walks.size(); ++i)
    start(walks[i], queries[i]);
  for (std::size_t level = 0; level < tree.depth(); ++level) {
    for (Walk& walk : walks)
      start_level(walk, level);
    plan_visits(level, queries);
    for (std::span<const Visit> rest = visits_; !rest.empty();)
      rest = score_some(level, queries, rest);
    if (options_.counts != nullptr) count_visits();
    for (Walk& walk : walks)
      rank_found(walk, level + 1 == tree.depth());
  }
  if (options_.counts != nullptr) options_.counts->queries += queries.size();
  ends_.assign(1, 0);
  labels_.clear();
  scores_.clear();
  keys_.clear();
  for (const Walk& walk : walks) {
    for (const RankedNode& node : walk.beam) {
      labels_.push_back(tree.label(node.id));
      scores_.push_back(options_.post_processor.score(node.path));
      if (options_.tells_keys) keys_.push_back({node.path, node.margin, node.path_margin, node.order});
    }
    ends_.push_back(labels_.size());
  }
  return {queries.size(), tree.label_count(), ends_, labels_, scores_};
}

void BeamSearch::start(Walk& walk, const Query& query) const {
  if (query.below)
    walk.beam.assign(query.below->begin(), query.below->end());
  else
    walk.beam.assign(1, RankedNode{});  // the root: path value 0
  std::uint64_t allowed = allowed_ ? allowed_->labels() : model_.tree().placed_labels();
  if (query.allowed) allowed = std::min<std::uint64_t>(allowed, query.allowed->empty() ? 0 : query.allowed->size());
  walk.scores_all =
      is_restricted(query) && (query.among || allowed <= std::uint64_t{options_.score_all} * widest_beam_);
  if (query.among) {
    const auto last = static_cast<std::uint32_t>(model_.tree().depth() - 1);
    options_.paths->ways_to(*query.among, std::min(options_.among_level, last), walk.ways);
  }
}

void BeamSearch::start_level(Walk& walk, std::size_t level) const {
  const bool is_last = level + 1 == model_.tree().depth();
  walk.wanted = is_last           ? options_.k
                : walk.scores_all ? std::numeric_limits<std::uint32_t>::max()
                                  : options_.level_beams[level];
  walk.threshold = -std::numeric_limits<float>::infinity();
  walk.found.clear();
}

// Plans the visits of the parents of the next level: by rank for one query, by parent for several.
void BeamSearch::plan_visits(std::size_t level, std::span<const Query> queries) {
  visits_.clear();
  flags_.clear();
  for (std::uint32_t query = 0; query < queries.size(); ++query) {
    if (is_restricted(queries[query])) {
      plan_restricted(level, query, queries[query]);
      continue;
    }
    const std::vector<RankedNode>& beam = walks_[query].beam;
    for (std::uint32_t rank = 0; rank < beam.size(); ++rank) {
      const NodeRange children = model_.tree().children(level, beam[rank].id);
      if (!children.empty()) visits_.push_back({query, rank, children, beam[rank].id, kAllAllowed});
    }
  }
  if (queries.size() > 1 && level > 0)
    std::ranges::sort(visits_, {}, [](const Visit& v) { return std::uint64_t{v.parent} << 32 | v.query; });
}

// Plans the visits of a restricted query: only parents that lead to candidates.
void BeamSearch::plan_restricted(std::size_t level, std::uint32_t query, const Query& restriction) {
  Walk& walk = walks_[query];
  std::size_t candidates = 0;
  for (std::uint32_t rank = 0; rank < walk.beam.size(); ++rank) {
    const NodeId parent = walk.beam[rank].id;
    const NodeRange children = model_.tree().children(level, parent);
    const std::size_t flags = flags_.size(), flagged = flag_children(level, walk, restriction, children);
    if (flagged > 0) visits_.push_back({query, rank, children, parent, flags});
    candidates += flagged;
  }
  if (!restriction.allowed || candidates != 1 || level + 1 == model_.tree().depth()) return;
  const Visit& visit = visits_.back();  // the only one; the path value of its parent stays
  RankedNode single = walk.beam[visit.rank];
  const auto flag = std::find(flags_.begin() + static_cast<std::ptrdiff_t>(visit.flags), flags_.end(), 1);
  single.id = visit.children.front() + static_cast<NodeId>(flag - flags_.begin()) - static_cast<NodeId>(visit.flags);
  visits_.pop_back();
  walk.found.assign(1, single);
}

// Sets the flag of each child: 1 if a label below it may be an answer. Returns the number of such children.
std::size_t BeamSearch::flag_children(std::size_t level, const Walk& walk, const Query& query, NodeRange children) {
  std::size_t flagged = 0;
  std::span<const NodeId> ways;
  if (query.among && level < walk.ways.size())
    ways = std::span(walk.ways[level])
               .subspan(static_cast<std::size_t>(std::ranges::lower_bound(walk.ways[level], children.front()) -
                                                 walk.ways[level].begin()));
  for (const NodeId child : children) {
    bool leads = !allowed_ || allowed_->has(level, child);
    if (query.among && level < walk.ways.size()) {
      const bool is_way = !ways.empty() && ways.front() == child;
      if (is_way) ways = ways.subspan(1);
      leads &= is_way;
    }
    if (leads && query.allowed) leads = ranges_->meets(level, child, *query.allowed);
    flags_.push_back(leads ? 1 : 0);
    flagged += leads ? 1 : 0;
  }
  return flagged;
}

// Returns true if one of the children first..first+count-1 of a visit may lead to an answer.
bool BeamSearch::is_allowed(const Visit& visit, NodeId first, NodeId count) const {
  if (visit.flags == kAllAllowed) return true;
  const std::span<const std::uint8_t> flags = std::span(flags_).subspan(visit.flags + first, count);
  return std::ranges::find(flags, 1) != flags.end();
}

// Scores the first visits. Returns the remaining visits.
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
      const SectionView section = chunk.section(n);
      if (is_allowed(visit, n * kSectionChildren, section.children))
        pairs_.push_back({section, queries[visit.query].features, margins});
      margins += section.children;
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

void BeamSearch::count_visits() const {
  std::uint64_t nodes = 0;
  for (const Visit& visit : visits_)
    nodes += visit.children.size();
  options_.counts->add(0, visits_.size(), nodes);
}

void BeamSearch::add_children(std::size_t level, const Visit& visit, float* margins) {
  const LabelTree& tree = model_.tree();
  Walk& walk = walks_[visit.query];
  const RankedNode parent = walk.beam[visit.rank];
  const NodeId count = visit.children.size();
  options_.post_processor.extend(parent.path, {margins, count}, paths_.data());

  const bool by_position = options_.ties == TieRule::position;
  const bool last = level + 1 == tree.depth();
  const std::size_t buffer = buffer_of(walk.wanted);
  for (NodeId i = 0; i < count; ++i) {
    if (!is_allowed(visit, i, 1)) continue;
    const float path = paths_[i];
    const float rank_score = by_position ? options_.post_processor.score(path) : path;
    if (rank_score < walk.threshold) continue;
    RankedNode node{.rank_score = rank_score, .path = path, .id = visit.children.front() + i};
    if (by_position) {
      node.order = parent.order;
    } else {
      node.margin = margins[i];
      node.path_margin = parent.path_margin + margins[i];
      node.order = last ? tree.label(node.id) : node.id;
    }
    walk.found.push_back(node);
    if (walk.found.size() == buffer) keep_best(walk);
  }
}

// Ranks the kept nodes of a level: the beam of the next level.
void BeamSearch::rank_found(Walk& walk, bool is_last) const {
  if (walk.found.size() > walk.wanted) keep_best(walk);
  std::ranges::sort(walk.found, RanksBefore());
  std::swap(walk.beam, walk.found);
  if (is_last || options_.ties != TieRule::position) return;
  for (std::uint32_t rank = 0; rank < walk.beam.size(); ++rank)
    walk.beam[rank].order = rank;
}

void BeamSearch::keep_best(Walk& walk) const {
  const auto worst = walk.found.begin() + static_cast<std::ptrdiff_t>(walk.wanted) - 1;
  std::ranges::nth_element(walk.found, worst, RanksBefore());
  walk.threshold = worst->rank_score;
  walk.found.resize(walk.wanted);
}

}  // namespace xmr
