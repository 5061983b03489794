#include "xmr/distributed/part_list.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

// Lists up to 10 items and the number of the others.
std::string list_of(std::span<const std::string> items) {
  constexpr std::size_t kShown = 10;
  std::string list;
  for (std::size_t i = 0; i < std::min(items.size(), kShown); ++i)
    list += (i == 0 ? "" : ", ") + items[i];
  return items.size() > kShown ? fmt::format("{} and {} more", list, items.size() - kShown) : list;
}

}  // namespace

void PartList::add(const std::string& path, std::uint32_t part, std::uint32_t stage) {
  if (part >= parts_) throw FormatError(path, fmt::format("part {} of a plan of {} parts", part, parts_));
  std::string& first = paths_[std::size_t{stage} * parts_ + part];
  if (!first.empty()) throw DataError(path, fmt::format("is the same part as {}", first));
  first = path;
}

void PartList::require_all(const std::string& plan) const {
  std::vector<std::string> missing;
  for (std::uint32_t stage = 0; stage < stages_; ++stage)
    for (std::uint32_t part = 0; part < parts_; ++part)
      if (paths_[std::size_t{stage} * parts_ + part].empty())
        missing.push_back(names_stages_ ? fmt::format("{} of stage {}", part, stage) : fmt::format("{}", part));
  if (!missing.empty())
    throw DataError(plan, fmt::format("{} of {} parts missing: {}", missing.size(), paths_.size(), list_of(missing)));
}

}  // namespace xmr
