#include "xmr/predict/ranking_shard.hpp"

#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/linear_search.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

// Checks that the nodes are from the top of the shard. Returns the nodes.
const PredictionFile& require_fit(const PredictionFile& nodes, const ShardModel& shard) {
  const Json* const top_of = nodes.content().find(kTopOf);
  if (top_of == nullptr)
    throw DataError(nodes.name(), "holds no answers of the top of a model in shards",
                    "xmr-predict -m top.npz -k BEAM -o nodes.npz makes them");
  if (*top_of != shard.place().of)
    throw DataError(nodes.name(), fmt::format("was made with the top of another model than the one that {} is of",
                                              shard.linear().name()));
  if (!nodes.has_keys())
    throw DataError(nodes.name(), "does not tell what its nodes were ranked by: it was cut, joined or fused",
                    "xmr-predict -m top.npz -k BEAM -o nodes.npz tells it");
  return nodes;
}

// Returns the search of the whole model: the search of the top, with its k as the beam of the level above the labels.
SearchOptions search_of(const PredictionFile& nodes, std::size_t levels) {
  const Json& content = nodes.content();
  try {
    SearchOptions search{.post_processor = PostProcessor(content.at("post_processor").get<std::string>()),
                         .ties = parse_named<TieRule>("ties", content.at("ties").get<std::string>())};
    const Json& beam = content.at("beam");
    if (beam.is_array())
      search.level_beams = beam.get<std::vector<std::uint32_t>>();
    else
      search.level_beams.assign(levels - 2, beam.get<std::uint32_t>());
    search.level_beams.push_back(content.at("k").get<std::uint32_t>());
    return search;
  } catch (const JsonError&) {
    throw FormatError(nodes.name(), "meta.json: does not tell what the top was asked");
  } catch (const ConfigError& error) {
    throw FormatError(nodes.name(), std::string("meta.json: ") + error.what());
  }
}

std::string fingerprint_of(const PredictionFile& nodes) {
  Fingerprint print;
  print.add(nodes.content().dump()).add(fingerprint(nodes.view()));
  for (Offset i = 0; i < nodes.view().nnz(); ++i) {
    const RankKeys keys = nodes.keys(i);
    print.add(std::span(&keys, 1));
  }
  return print.hex();
}

}  // namespace

RankingShard::RankingShard(const std::string& path, const std::string& nodes)
    : RankingShard(ShardModel::open(path), PredictionFile(nodes)) {}

RankingShard::RankingShard(ShardModel shard, const PredictionFile& nodes)
    : shard_(std::move(shard)),
      fingerprint_(shard_.linear().file().fingerprint()),
      search_(search_of(require_fit(nodes, shard_), shard_.place().levels)),
      nodes_content_(nodes.content()),
      nodes_fingerprint_(fingerprint_of(nodes)) {
  const CsrView found = nodes.view();
  const NodeId first = shard_.place().first, count = shard_.nodes();
  for (Row row = 0; row < found.rows; ++row) {
    for (Offset i = found.indptr[row]; i < found.indptr[row + 1]; ++i) {
      if (found.indices[i] < first || found.indices[i] - first >= count) continue;
      const RankKeys keys = nodes.keys(i);
      nodes_.push_back({.path_margin = keys.path_margin,
                        .order = static_cast<std::uint32_t>(i - found.indptr[row]),
                        .path = keys.path,
                        .id = found.indices[i] - first});
    }
    starts_.push_back(nodes_.size());
  }
}

std::unique_ptr<Ranker> RankingShard::ranker(const RankRequest& request) const {
  SearchOptions search = search_;
  search.k = request.k;
  search.level_beams.clear();
  search.counts = request.counts;
  search.tells_keys = true;
  return std::make_unique<BeamSearch>(model(), search);
}

Json RankingShard::describe(const RankRequest& request) const {
  const ShardPlace& place = shard_.place();
  Json content = {{"tree", place.tree},
                  {"k", request.k},
                  {"beam", describe_beams(search_)},
                  {"post_processor", search_.post_processor.name()},
                  {"ties", name_of(search_.ties)}};
  if (!place.top_of.empty()) content[kTopOf] = place.top_of;
  content[kShard] = {{"of", place.of}, {"nodes", nodes_fingerprint_}, {"shard", place.shard}, {"shards", place.shards}};
  return content;
}

}  // namespace xmr
