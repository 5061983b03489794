#include "xmr/predict/beam_search.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "xmr/util/error.hpp"

namespace xmr {

namespace {

// Margins computed at once: they fit the cache and keep the steps of the kernel busy.
constexpr std::size_t kMarginsAtOnce = 4096;
// The visits between the prefetch of a walk's nodes and their use.
constexpr std::size_t kVisitsAhead = 4;

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
  waiting_.resize(model.tree().depth());
  widest_beam_ = options_.level_beams.empty() ? options.beam : std::ranges::max(options_.level_beams);
}

std::size_t BeamSearch::query_memory() const {
  const std::size_t factor = ranges_ == nullptr && !allowed_ ? 1 : options_.score_all;
  std::size_t nodes = BeamWalk::buffer_of(options_.k);
  for (const std::uint32_t beam : options_.level_beams)
    nodes += BeamWalk::buffer_of(factor * beam);
  return sizeof(Search) + nodes * sizeof(RankedNode) + factor * widest_beam_ * sizeof(Visit);
}

CsrView BeamSearch::rank(std::span<const Query> queries) {
  if (searches_.size() < queries.size()) searches_.resize(queries.size());
  for (std::uint32_t query = 0; query < queries.size(); ++query) {
    start(searches_[query], queries[query]);
    plan_visits(query, queries[query]);
  }
  for (bool has_visits = true; has_visits;) {
    has_visits = false;
    for (std::vector<Visit>& waiting : waiting_) {
      if (waiting.empty()) continue;
      has_visits = true;
      sweep_.assign(waiting.begin(), waiting.end());
      waiting.clear();
      sweep(queries);
    }
  }
  if (options_.counts != nullptr) options_.counts->queries += queries.size();
  return answers(queries.size());
}

// Makes the visits of sweep_, which are of one level, and plans the next ones.
void BeamSearch::sweep(std::span<const Query> queries) {
  std::ranges::sort(sweep_, {}, [](const Visit& visit) { return std::uint64_t{visit.parent} << 32 | visit.query; });
  for (auto first = sweep_.begin(); first != sweep_.end();) {
    auto last = first;
    std::size_t margins = 0;
    do {
      margins += model_.tree().children(last->level, last->parent).size();
      __builtin_prefetch(&searches_[last->query]);
      ++last;
    } while (last != sweep_.end() &&
             margins + model_.tree().children(last->level, last->parent).size() <= kMarginsAtOnce);
    const std::span<const Visit> taken(first, last);
    score_visits(taken, margins, queries);
    for (const Visit& visit : taken) {
      Search& search = searches_[visit.query];
      if (--search.waiting > 0) continue;
      search.walk.settle(visit.level);
      plan_visits(visit.query, queries[visit.query]);
    }
    first = last;
  }
}

CsrView BeamSearch::answers(std::size_t queries) {
  const LabelTree& tree = model_.tree();
  ends_.assign(1, 0);
  labels_.clear();
  scores_.clear();
  keys_.clear();
  for (std::size_t query = 0; query < queries; ++query) {
    for (const RankedNode& node : searches_[query].walk.answers()) {
      labels_.push_back(tree.label(node.id));
      scores_.push_back(options_.post_processor.score(node.path));
      if (options_.tells_keys) keys_.push_back({node.path, node.margin, node.path_margin, node.order});
    }
    ends_.push_back(labels_.size());
  }
  return {queries, tree.label_count(), ends_, labels_, scores_};
}

float BeamSearch::rank_score(float path) const {
  return options_.ties == TieRule::position ? options_.post_processor.score(path) : path;
}

void BeamSearch::start(Search& search, const Query& query) {
  if (query.below)
    parents_.assign(query.below->begin(), query.below->end());
  else
    parents_.assign(1, RankedNode{});  // the root: path value 0
  for (RankedNode& parent : parents_)
    parent.rank_score = rank_score(parent.path);
  // noop scores have no bound. A level with a single candidate of a range is known once all its parents are.
  const bool is_bounded = options_.post_processor.path_rule() != PathRule::ignore_parent && !query.allowed;
  search.walk.start(parents_, options_.level_beams, options_.k,
                    is_bounded ? BeamWalk::Order::best_first : BeamWalk::Order::by_level);
  std::uint64_t allowed = allowed_ ? allowed_->labels() : model_.tree().placed_labels();
  if (query.allowed) allowed = std::min<std::uint64_t>(allowed, query.allowed->empty() ? 0 : query.allowed->size());
  if (is_restricted(query) && (query.among || allowed <= std::uint64_t{options_.score_all} * widest_beam_))
    search.walk.keep_all();
  if (query.among) {
    const auto last = static_cast<std::uint32_t>(model_.tree().depth() - 1);
    options_.paths->ways_to(*query.among, std::min(options_.among_level, last), search.ways);
  }
}

// Plans the next visits of a query; none at the end of its walk.
void BeamSearch::plan_visits(std::uint32_t query, const Query& restriction) {
  Search& search = searches_[query];
  planned_.clear();
  while (planned_.empty()) {
    const BeamWalk::Parents parents = search.walk.next();
    if (parents.empty()) return;
    if (is_restricted(restriction)) {
      plan_restricted(query, restriction, parents);
      continue;
    }
    auto rank = static_cast<std::uint32_t>(parents.first_rank);
    for (const RankedNode& parent : parents.nodes) {
      if (!model_.tree().children(parents.level, parent.id).empty())
        planned_.push_back({static_cast<std::uint32_t>(parents.level), parent.id, query, rank, kAllAllowed});
      ++rank;
    }
  }
  search.waiting = static_cast<std::uint32_t>(planned_.size());
  std::vector<Visit>& waiting = waiting_[planned_.front().level];
  waiting.insert(waiting.end(), planned_.begin(), planned_.end());
}

// Plans the visits of a restricted query: only parents that lead to candidates.
void BeamSearch::plan_restricted(std::uint32_t query, const Query& restriction, const BeamWalk::Parents& parents) {
  Search& search = searches_[query];
  const std::size_t level = parents.level;
  search.flags.clear();
  std::size_t candidates = 0;
  auto rank = static_cast<std::uint32_t>(parents.first_rank);
  for (const RankedNode& parent : parents.nodes) {
    const auto flags = static_cast<std::uint32_t>(search.flags.size());
    const std::size_t flagged = flag_children(search, restriction, level, model_.tree().children(level, parent.id));
    if (flagged > 0) planned_.push_back({static_cast<std::uint32_t>(level), parent.id, query, rank, flags});
    candidates += flagged;
    ++rank;
  }
  if (!restriction.allowed || candidates != 1 || level + 1 == model_.tree().depth()) return;
  const Visit visit = planned_.back();  // the only one; the path value of its parent stays
  planned_.clear();
  RankedNode single = search.walk.parent(level, visit.rank);
  const auto flag = std::find(search.flags.begin() + visit.flags, search.flags.end(), 1);
  single.id = model_.tree().children(level, visit.parent).front() +
              static_cast<NodeId>(flag - search.flags.begin() - visit.flags);
  search.walk.add(level, single);
}

// Sets the flag of each child: 1 if a label below it may be an answer. Returns the number of such children.
std::size_t BeamSearch::flag_children(Search& search, const Query& query, std::size_t level, NodeRange children) const {
  std::size_t flagged = 0;
  std::span<const NodeId> ways;
  if (query.among && level < search.ways.size())
    ways = std::span(search.ways[level])
               .subspan(static_cast<std::size_t>(std::ranges::lower_bound(search.ways[level], children.front()) -
                                                 search.ways[level].begin()));
  for (const NodeId child : children) {
    bool leads = !allowed_ || allowed_->has(level, child);
    if (query.among && level < search.ways.size()) {
      const bool is_way = !ways.empty() && ways.front() == child;
      if (is_way) ways = ways.subspan(1);
      leads &= is_way;
    }
    if (leads && query.allowed) leads = ranges_->meets(level, child, *query.allowed);
    search.flags.push_back(leads ? 1 : 0);
    flagged += leads ? 1 : 0;
  }
  return flagged;
}

// Returns true if one of the children first..first+count-1 of a visit may lead to an answer.
bool BeamSearch::is_allowed(const Visit& visit, NodeId first, NodeId count) const {
  if (visit.flags == kAllAllowed) return true;
  const std::span<const std::uint8_t> flags =
      std::span(searches_[visit.query].flags).subspan(visit.flags + first, count);
  return std::ranges::find(flags, 1) != flags.end();
}

// Scores the children of the taken visits.
void BeamSearch::score_visits(std::span<const Visit> taken, std::size_t children, std::span<const Query> queries) {
  if (margins_.size() < children) {
    margins_.resize(children);
    paths_.resize(children);
    places_.resize(children);
  }
  pairs_.clear();
  float* margins = margins_.data();
  for (const Visit& visit : taken) {
    searches_[visit.query].walk.prefetch(visit.level);
    const ChunkView chunk = model_.chunk_for(visit.level, visit.parent, queries[visit.query].features);
    for (std::uint32_t n = 0; n < chunk.sections(); ++n) {
      const SectionView section = chunk.section(n);
      if (is_allowed(visit, n * kSectionChildren, section.children))
        pairs_.push_back({section, queries[visit.query].features, margins});
      margins += section.children;
    }
  }
  score_sections(pairs_);
  margins = margins_.data();
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const Visit& visit = taken[i];
    if (i + kVisitsAhead < taken.size()) {
      const Visit& ahead = taken[i + kVisitsAhead];
      searches_[ahead.query].walk.prefetch_nodes(ahead.level);
    }
    const NodeRange range = model_.tree().children(visit.level, visit.parent);
    add_children(visit, range, margins);
    margins += range.size();
  }
  if (options_.counts != nullptr) options_.counts->add(0, taken.size(), children);
}

void BeamSearch::add_children(const Visit& visit, NodeRange children, float* margins) {
  const LabelTree& tree = model_.tree();
  BeamWalk& walk = searches_[visit.query].walk;
  const RankedNode parent = walk.parent(visit.level, visit.rank);
  // Paths of a restricted query are extended to its candidates only, which are few. Their margins move to the front.
  const bool has_all = visit.flags == kAllAllowed;
  NodeId count = children.size();
  if (!has_all) {
    count = 0;
    for (NodeId i = 0; i < children.size(); ++i) {
      if (!is_allowed(visit, i, 1)) continue;
      margins[count] = margins[i];
      places_[count++] = i;
    }
  }
  options_.post_processor.extend(parent.path, {margins, count}, paths_.data());

  const bool by_position = options_.ties == TieRule::position;
  const bool is_last = visit.level + 1 == tree.depth();
  float threshold = walk.threshold(visit.level);
  for (NodeId i = 0; i < count; ++i) {
    const float path = paths_[i], score = by_position ? options_.post_processor.score(path) : path;
    if (score < threshold) continue;
    RankedNode node{.rank_score = score, .path = path, .id = children.front() + (has_all ? i : places_[i])};
    if (by_position) {
      node.order = visit.level > 0 ? visit.rank : parent.order;
    } else {
      node.margin = margins[i];
      node.path_margin = parent.path_margin + margins[i];
      node.order = is_last ? tree.label(node.id) : node.id;
    }
    walk.add(visit.level, node);
    threshold = walk.threshold(visit.level);
  }
}

}  // namespace xmr
