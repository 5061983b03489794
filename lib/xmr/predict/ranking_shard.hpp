#pragma once
// A shard of a model (model/shard.hpp) as xmr-predict serves it. It ranks its labels below the nodes that the top found
// for each row.
//
//   const RankingShard shard("shard-3.npz", "nodes.npz");   // predictions of the top, one node for each of the beam
//   const auto ranker = shard.ranker({.k = 10});
//   (*ranker)({.features = row, .below = shard.start(r)});  // no answers if start(r) is empty
//
// No node is dropped below the top, and each answer has its rank keys. So the best k of all shards' answers
// (shard_merge.hpp) equal the whole model's: labels, scores, ties. Scores use the settings of the top; a request may
// choose only k. Cost of opening: a pass over the nodes. Memory: 24 bytes a node of the shard, 8 a row. Errors:
// FormatError if the file is no shard or damaged; DataError if the nodes are not from its top. Thread rule: const
// methods from any thread.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/json.hpp"
#include "xmr/model/shard.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/ranking_model.hpp"
#include "xmr/sparse/predictions.hpp"

namespace xmr {

class RankingShard final : public RankingModel {
 public:
  RankingShard(const std::string& path, const std::string& nodes);

  // The number of rows with nodes.
  Row rows() const { return starts_.size() - 1; }
  // The nodes of the shard for a row, where the search begins.
  std::span<const RankedNode> start(Row row) const {
    return std::span(nodes_).subspan(starts_[row], starts_[row + 1] - starts_[row]);
  }
  // The meta.json content of the file of nodes.
  const Json& nodes_content() const { return nodes_content_; }

  const std::string& name() const override { return model().name(); }
  const std::string& fingerprint() const override { return fingerprint_; }
  std::uint64_t labels() const override { return model().labels(); }
  std::uint64_t features() const override { return model().features(); }
  const Vectorizer* vectorizer() const override { return nullptr; }
  const std::string& vectorizer_fingerprint() const override { return model().vectorizer_fingerprint(); }
  const StoredNames& names() const override { return model().names(); }
  std::span<const FeaturePart> feature_parts() const override { return model().feature_parts(); }
  const Calibration* calibration() const override { return nullptr; }
  ModelCapabilities capabilities() const override { return {.searches_tree = true}; }
  std::unique_ptr<Ranker> ranker(const RankRequest& request) const override;
  Json describe(const RankRequest& request) const override;

 private:
  RankingShard(ShardModel shard, const PredictionFile& nodes);
  const XrLinearModel& model() const { return shard_.linear(); }

  ShardModel shard_;
  std::string fingerprint_;
  SearchOptions search_;  // of the whole model
  Json nodes_content_;
  std::string nodes_fingerprint_;
  std::vector<Offset> starts_{0};  // [row]: its first node
  std::vector<RankedNode> nodes_;
};

}  // namespace xmr
