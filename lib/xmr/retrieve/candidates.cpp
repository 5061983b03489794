#include "xmr/retrieve/candidates.hpp"

namespace xmr {

std::string_view name_of(Source source) {
  constexpr std::array<std::string_view, kSources> kNames = {"trees", "words", "characters", "neighbours"};
  return kNames[static_cast<std::size_t>(source)];
}

void Candidates::clear() {
  for (const RetrievalCandidate& candidate : all_)
    place_[candidate.label] = 0;
  all_.clear();
  lists_ = {};
}

void Candidates::add(Source source, SparseRow listed, float largest) {
  const auto number = static_cast<std::size_t>(source);
  const float unit = largest > 0 ? largest : 1;
  lists_[number] = {static_cast<std::uint32_t>(listed.size()), listed.size() > 0 ? listed.values[0] / unit : 0,
                    listed.size() > 1 ? listed.values[1] / unit : 0};
  for (std::size_t i = 0; i < listed.size(); ++i) {
    std::uint32_t& place = place_[listed.indices[i]];
    if (place == 0) {
      all_.push_back({listed.indices[i], {}});
      place = static_cast<std::uint32_t>(all_.size());
    }
    all_[place - 1].by[number] = {listed.values[i] / unit, static_cast<std::uint32_t>(i + 1)};
  }
}

std::span<const Leader> Candidates::find_leaders() {
  std::size_t found = 0;
  for (const RetrievalCandidate& candidate : all_) {
    float weight = 0;
    for (const Listing& by : candidate.by)
      if (by.rank > 0) weight += 1 / static_cast<float>(by.rank);
    if (found == kLeaders && weight <= leaders_[kLeaders - 1].weight) continue;
    std::size_t at = found < kLeaders ? found++ : kLeaders - 1;
    for (; at > 0 && leaders_[at - 1].weight < weight; --at)
      leaders_[at] = leaders_[at - 1];
    leaders_[at] = {candidate.label, weight};
  }
  return std::span(leaders_).first(found);
}

void Candidates::add_nearest(SparseRow listed, std::span<const float> cosines) {
  for (std::size_t i = 0; i < listed.size(); ++i)
    all_[place_[listed.indices[i]] - 1].nearest = cosines[i];
}

}  // namespace xmr
