#include "xmr/predict/linear_search.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

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
  return options;
}

nlohmann::ordered_json describe_beams(const SearchOptions& search) {
  if (search.level_beams.empty()) return search.beam;
  const std::uint32_t first = search.level_beams.front();
  if (std::ranges::count(search.level_beams, first) == std::ssize(search.level_beams)) return first;
  return search.level_beams;
}

}  // namespace xmr
