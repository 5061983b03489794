#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "xmr/distributed/part_list.hpp"
#include "xmr/distributed/tree_plan.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::string_view kTreePartKind = "tree-part";
constexpr int kNewestTreePart = 1;
constexpr std::uint64_t kMaxTreeLevels = 64;

std::string level_member(std::size_t level) {
  return fmt::format("level{}", level);
}

std::vector<std::uint32_t> copy(const NpzFile& file, const std::string& member) {
  file.check(member);
  const auto values = file.array<std::uint32_t>(member);
  return {values.begin(), values.end()};
}

}  // namespace

void write_tree_part(NpzWriter out, const TreePlan& plan, std::uint32_t part, const Subtrees& subtrees) {
  for (std::size_t level = 0; level < subtrees.offsets.size(); ++level)
    out.add(level_member(level), subtrees.offsets[level]);
  out.add("labels", subtrees.labels);
  out.commit({std::string(kTreePartKind), kNewestTreePart,
              Json{{"plan", plan.fingerprint()}, {"part", part}, {"levels", subtrees.offsets.size()}}});
}

TreePart::TreePart(const std::string& path) {
  const NpzFile file(path);
  file.require_kind(kTreePartKind, kNewestTreePart);
  const Json& content = file.meta().content;
  plan = meta_value<std::string>(file, content, "plan");
  part = static_cast<std::uint32_t>(meta_count(file, content, "part", std::numeric_limits<std::uint32_t>::max()));
  const std::uint64_t levels = meta_count(file, content, "levels", kMaxTreeLevels);
  for (std::uint64_t level = 0; level < levels; ++level) {
    const auto& offsets = subtrees.offsets.emplace_back(copy(file, level_member(level)));
    const bool is_first = level == 0;
    if (offsets.empty() || offsets.front() != 0 || !std::ranges::is_sorted(offsets) ||
        (!is_first && offsets.size() != std::size_t{subtrees.offsets[level - 1].back()} + 1))
      throw FormatError(file.name(), fmt::format("{}: not the children of the nodes above", level_member(level)));
  }
  subtrees.labels = copy(file, "labels");
  if (levels == 0 || subtrees.offsets.back().back() != subtrees.labels.size())
    throw FormatError(file.name(), "labels: not as many as the last level has");
}

LabelTree merge_tree_parts(const TreePlan& plan, std::span<const std::string> paths) {
  std::vector<Subtrees> parts(plan.parts());
  PartList list(plan.parts());
  for (const std::string& path : paths) {
    TreePart part(path);
    if (part.plan != plan.fingerprint())
      throw DataError(path, fmt::format("is not a part of {}", plan.name()),
                      "it was made for another plan, or an old one");
    list.add(path, part.part);
    std::vector<LabelId> labels = part.subtrees.labels;
    std::ranges::sort(labels);
    if (labels != plan.labels(part.part) || part.subtrees.offsets.front().size() != plan.nodes(part.part).size() + 1)
      throw FormatError(path, "labels: not those of its nodes");
    parts[part.part] = std::move(part.subtrees);
  }
  list.require_all(plan.name());

  std::vector<std::vector<std::uint32_t>> offsets;
  for (std::size_t level = 0; level + 1 < plan.top().depth(); ++level)
    offsets.emplace_back(plan.top().offsets(level).begin(), plan.top().offsets(level).end());
  Subtrees below{.offsets = std::vector<std::vector<std::uint32_t>>(parts.front().offsets.size(), {0}), .labels = {}};
  for (const Subtrees& part : parts) {
    if (part.offsets.size() != below.offsets.size())
      throw DataError(plan.name(), "its parts have different numbers of levels");
    below.append(part);
  }
  std::ranges::move(below.offsets, std::back_inserter(offsets));
  return {std::move(offsets), std::move(below.labels)};
}

}  // namespace xmr
