#include "xmr/predict/linear_search.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

SearchOptions search_of(const XrLinearModel& model, const RankRequest& request) {
  SearchOptions options = default_search(model);
  options.k = request.k;
  if (request.search.beam) {
    options.beam = *request.search.beam;
    options.level_beams.clear();
  }
  options.post_processor = request.search.post_processor.value_or(options.post_processor);
  options.ties = request.search.ties.value_or(options.ties);
  options.allowed = request.allowed;
  options.among_level = request.search.among_level.value_or(options.among_level);
  options.counts = request.counts;
  return request.search.exact ? exact_search(std::move(options), model.tree()) : options;
}

SearchOptions exact_search(SearchOptions options, const LabelTree& tree) {
  if (options.post_processor.path_rule() == PathRule::ignore_parent)
    throw ConfigError(fmt::format("exact search: with {} a label may score more than the nodes above it, so that only "
                                  "scoring all labels would tell",
                                  options.post_processor.name()),
                      "--post-processor sigmoid or l3-hinge has scores that fall on the way down");
  options.ties = TieRule::margin;
  options.level_beams.clear();
  for (std::size_t level = 0; level + 1 < tree.depth(); ++level)
    options.level_beams.push_back(tree.nodes(level));
  return options;
}

Json describe_beams(const SearchOptions& search) {
  if (search.level_beams.empty()) return search.beam;
  const std::uint32_t first = search.level_beams.front();
  if (std::ranges::count(search.level_beams, first) == std::ssize(search.level_beams)) return first;
  return search.level_beams;
}

}  // namespace xmr
