#include "xmr/distributed/merged_levels.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/distributed/part_list.hpp"
#include "xmr/model/chunk_join.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
std::vector<TrainedPart> read_parts(const TrainPlan& plan, std::span<const std::string> paths, std::uint32_t stages) {
  std::vector<TrainedPart> parts;
  PartList list(plan.parts(), stages, plan.stages() > 1);
  for (const std::string& path : paths) {
    const TrainedPart& part = parts.emplace_back(path, plan);
    const auto [stage, number] = part.id();
    if (stage >= stages) {
      parts.pop_back();
      continue;
    }
    list.add(path, number, stage);
    if (part.pieces().empty()) parts.pop_back();  // a process may not map as many files as there may be parts
  }
  list.require_all(plan.name());
  return parts;
}

MergedLevels::MergedLevels(const TrainPlan& plan, const LabelTree& tree, std::vector<TrainedPart> parts,
                           std::uint32_t stages, Parallel& parallel)
    : parts_(std::move(parts)) {
  if (tree.fingerprint() != plan.recipe().tree)
    throw DataError(plan.name(), "was made with another label tree than this one");
  std::vector<Entry> entries;
  for (std::uint32_t part = 0; part < parts_.size(); ++part) {
    counts_ += parts_[part].counts();
    for (std::uint32_t place = 0; place < parts_[part].pieces().size(); ++place)
      entries.push_back({parts_[part].pieces()[place], part, place});
  }
  std::ranges::sort(entries, {}, &Entry::piece);
  const std::size_t depth = stages == 0 ? 0 : plan.stage(stages - 1).last;
  std::vector<std::span<const Entry>> parents;
  auto first = entries.begin();
  for (std::size_t level = 0; level < depth; ++level) {
    levels_.emplace_back(tree.parents(level));
    problems_.emplace_back(tree.parents(level));
    for (NodeId parent = 0; parent < tree.parents(level); ++parent) {
      auto last = first;
      for (std::uint32_t group = 0; last != entries.end() && last->piece.level == level && last->piece.parent == parent;
           group = last++->piece.last)
        if (last->piece.first != group || last->piece.groups != first->piece.groups)
          throw DataError(parts_[last->part].name(), fmt::format("level {}, parent {}: there twice", level, parent));
      if (last == first || std::prev(last)->piece.last != first->piece.groups)
        throw DataError(plan.name(), fmt::format("level {}, parent {}: no part has all of it", level, parent));
      parents.emplace_back(first, last);
      first = last;
    }
  }
  if (first != entries.end())
    throw DataError(parts_[first->part].name(),
                    fmt::format("level {}, parent {}: the tree has none", first->piece.level, first->piece.parent));
  std::mutex mutex;
  parallel.for_each(parents.size(), [&](std::size_t parent, unsigned) {
    add_parent(parents[parent], tree, plan.recipe().features, mutex);
  });
}

void MergedLevels::add_parent(std::span<const Entry> entries, const LabelTree& tree, std::uint64_t features,
                              std::mutex& mutex) {
  const Piece& piece = entries.front().piece;
  const NodeId children = tree.children(piece.level, piece.parent).size();
  std::vector<ChunkView> chunks;
  for (const Entry& entry : entries) {
    const TrainedPart& part = parts_[entry.part];
    if (part.children(entry.place) != children)
      throw DataError(part.name(), fmt::format("level {}, parent {}: {} children, the tree has {}", piece.level,
                                               piece.parent, part.children(entry.place), children));
    chunks.push_back(part.chunk(entry.place));
  }
  const TrainedPart& part = parts_[entries.front().part];
  problems_[piece.level][piece.parent] = part.problem(entries.front().place);
  std::string_view& chunk = levels_[piece.level][piece.parent];
  chunk = chunks.front().bytes();
  if (chunks.size() == 1) return;
  std::string joined =
      join_chunks(chunks, features, fmt::format("{}: level {}, parent {}", part.name(), piece.level, piece.parent));
  const std::lock_guard lock(mutex);
  chunk = joined_.emplace_back(std::move(joined));
}

}  // namespace xmr
