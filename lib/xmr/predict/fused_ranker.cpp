#include "xmr/predict/fused_ranker.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

FusedRanker::FusedRanker(std::vector<std::unique_ptr<Ranker>> rankers, const FeatureSpaces& spaces, Fusion fusion)
    : Ranker(rankers.front()->labels(), fusion.k()),
      rankers_(std::move(rankers)),
      space_of_(spaces.of_model),
      fusion_(std::move(fusion)),
      answers_(rankers_.size()),
      lists_(rankers_.size()),
      fused_(labels()) {
  assert(space_of_.size() == rankers_.size());
  if (fusion_.lists() != rankers_.size())
    throw ConfigError(fmt::format("fusion: of {} lists, but there are {} models", fusion_.lists(), rankers_.size()));
  std::uint64_t first = 0;
  for (const std::uint64_t size : spaces.sizes) {
    spaces_.push_back({.first = static_cast<FeatureId>(first), .size = size});
    first += size;
  }
}

CsrView FusedRanker::rank(std::span<const Query> queries) {
  for (Space& space : spaces_)
    cut(queries, space);
  for (std::size_t i = 0; i < rankers_.size(); ++i)
    answers_[i] = rankers_[i]->rank(spaces_[space_of_[i]].queries);
  fused_.clear();
  for (Row row = 0; row < queries.size(); ++row) {
    std::ranges::transform(answers_, lists_.begin(), [row](CsrView answers) { return answers.row(row); });
    fused_.append_row(fusion_(lists_));
  }
  return fused_;
}

void FusedRanker::cut(std::span<const Query> queries, Space& space) {
  space.indices.clear();
  space.queries.assign(queries.begin(), queries.end());
  for (Query& query : space.queries) {
    const auto begin = std::ranges::lower_bound(query.features.indices, space.first);
    const auto end = std::ranges::lower_bound(query.features.indices, space.first + space.size);
    const auto skipped = static_cast<std::size_t>(begin - query.features.indices.begin());
    query.features = {query.features.indices.subspan(skipped, static_cast<std::size_t>(end - begin)),
                      query.features.values.subspan(skipped, static_cast<std::size_t>(end - begin))};
    for (const FeatureId feature : query.features.indices)
      space.indices.push_back(feature - space.first);
  }
  // After the loop: the vector may have moved while it grew.
  std::size_t place = 0;
  for (Query& query : space.queries) {
    query.features.indices = std::span(space.indices).subspan(place, query.features.size());
    place += query.features.size();
  }
}

std::size_t FusedRanker::query_memory() const {
  // The ranker holds each answer of a list, and so does the fusion while it merges lists.
  std::size_t bytes = k() * (sizeof(LabelId) + sizeof(float));
  for (const std::unique_ptr<Ranker>& ranker : rankers_)
    bytes += ranker->query_memory() + sizeof(Query);
  return bytes;
}

}  // namespace xmr
