#include "xmr/model/shard.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/io/output_folder.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

std::size_t last_level(const XrLinearModel& model) {
  return model.tree().depth() - 1;
}

Json options_of(const XrLinearModel& model) {
  return model.content().value("options", Json::object());
}

// Returns the chunks of the parents first..last-1 of a level, each verified.
std::vector<std::string_view> chunks_of(const XrLinearModel& model, std::size_t level, NodeId first, NodeId last) {
  std::vector<std::string_view> chunks;
  chunks.reserve(last - first);
  for (NodeId parent = first; parent < last; ++parent)
    chunks.push_back(model.chunk(level, parent).bytes());
  return chunks;
}

void write_top(const XrLinearModel& model, const std::string& print, const std::string& path) {
  const LabelTree tree = model.tree().first_levels(last_level(model));
  std::vector<std::vector<std::string_view>> levels;
  for (std::size_t level = 0; level < tree.depth(); ++level)
    levels.push_back(chunks_of(model, level, 0, tree.parents(level)));
  PredictDefaults defaults = model.defaults();
  if (!defaults.level_beams.empty()) defaults.level_beams.resize(tree.depth() - 1);
  write_model(NpzWriter(path), {.tree = tree,
                                .features = model.features(),
                                .weight_type = model.weight_type(),
                                .levels = ChunkTable(std::move(levels)),
                                .defaults = std::move(defaults),
                                .vectorizer = model.vectorizer(),
                                .vectorizer_fingerprint = model.vectorizer_fingerprint(),
                                .options = options_of(model),
                                .more = Json{{kTopOf, print}}});
}

void write_shard(const XrLinearModel& model, const ShardPlace& place, NodeId last, const std::string& path) {
  const LabelTree tree = model.tree().forest(place.first, last);
  PredictDefaults defaults = model.defaults();
  defaults.level_beams.clear();
  Json more = {{kShard,
                {{"of", place.of},
                 {"tree", place.tree},
                 {"levels", place.levels},
                 {"shard", place.shard},
                 {"shards", place.shards},
                 {"first_node", place.first}}}};
  if (!place.top_of.empty()) more[kTopOf] = place.top_of;
  write_model(NpzWriter(path), {.tree = tree,
                                .features = model.features(),
                                .weight_type = model.weight_type(),
                                .levels = ChunkTable({chunks_of(model, last_level(model), place.first, last)}),
                                .defaults = std::move(defaults),
                                .vectorizer_fingerprint = model.vectorizer_fingerprint(),
                                .options = options_of(model),
                                .type = XrLinearModel::kShardType,
                                .more = std::move(more)});
}

// Returns a fingerprint of content, tree and the checksum of each chunk. Reads one page a chunk.
std::string fingerprint_of(const XrLinearModel& model) {
  Fingerprint print;
  print.add(model.content().dump()).add(model.tree().fingerprint());
  for (std::size_t level = 0; level < model.tree().depth(); ++level)
    for (NodeId parent = 0; parent < model.tree().parents(level); ++parent)
      print.add(model.chunk_checksum(level, parent));
  return print.hex();
}

// Returns the first node of each shard, and the number of nodes above the labels.
std::vector<NodeId> cuts_of(const XrLinearModel& model, std::uint32_t shards) {
  const std::span<const std::uint64_t> starts = model.chunk_offsets(last_level(model));
  const std::uint64_t bytes = starts.back();
  std::vector<NodeId> cuts{0};
  for (std::uint64_t shard = 1; shard < shards; ++shard) {
    const std::uint64_t share = bytes / shards * shard + bytes % shards * shard / shards;
    cuts.push_back(static_cast<NodeId>(std::ranges::lower_bound(starts, share) - starts.begin()));
  }
  cuts.push_back(static_cast<NodeId>(starts.size() - 1));
  return cuts;
}

std::string top_of(const XrLinearModel& model) {
  return model.content().contains(kTopOf) ? meta_value<std::string>(model.file(), model.content(), kTopOf) : "";
}

}  // namespace

void split(const XrLinearModel& model, std::uint32_t shards, const std::string& folder, Observer& observer) {
  if (last_level(model) == 0)
    throw ConfigError(fmt::format("{} has labels only, and no level above them that could be a top", model.name()));
  OutputFolder out(folder);
  ShardPlace place{.of = fingerprint_of(model),
                   .tree = model.tree().fingerprint(),
                   .levels = static_cast<std::uint32_t>(model.tree().depth()),
                   .shards = shards,
                   .top_of = top_of(model)};
  write_top(model, place.of, out.path() + "/top.npz");
  observer.advance(1);
  const std::vector<NodeId> cuts = cuts_of(model, shards);  // fingerprint_of() has checked the offsets
  for (; place.shard < shards; ++place.shard) {
    if (observer.cancelled()) throw Interrupted();
    place.first = cuts[place.shard];
    write_shard(model, place, cuts[place.shard + 1], fmt::format("{}/shard-{}.npz", out.path(), place.shard));
    observer.advance(1);
  }
  out.commit();
}

ShardModel ShardModel::open(NpzFile file) {
  return ShardModel(XrLinearModel::open(std::move(file), XrLinearModel::kShardType));
}

ShardModel::ShardModel(XrLinearModel linear) : linear_(std::move(linear)) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
  const NpzFile& file = linear_.file();
  const auto shard = meta_value<Json>(file, linear_.content(), kShard);
  place_.of = meta_value<std::string>(file, shard, "of");
  place_.tree = meta_value<std::string>(file, shard, "tree");
  place_.levels = static_cast<std::uint32_t>(meta_count(file, shard, "levels", 64));
  place_.shards = static_cast<std::uint32_t>(meta_count(file, shard, "shards", kMax));
  place_.shard = static_cast<std::uint32_t>(meta_count(file, shard, "shard", kMax));
  place_.first = static_cast<NodeId>(meta_count(file, shard, "first_node", kMax - nodes()));
  place_.top_of = top_of(linear_);
  if (place_.shard >= place_.shards || place_.levels < 2)
    throw FormatError(file.name(), fmt::format("meta.json: shard {} of {}, of {} levels", place_.shard, place_.shards,
                                               place_.levels));
}

}  // namespace xmr
