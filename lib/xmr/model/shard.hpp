#pragma once
// A model in pieces, for those who have no machine that it fits on. split() takes off its last level:
//
//   top.npz                  the levels above the labels: a model whose labels are the nodes of the level above them
//   shard-0.npz ...          the chunks of the last level, each file those of a range of these nodes, about as many
//   bytes
//
// A top that is still too large is a model, and is split again. predict/shard_ranking.hpp tells how pieces answer.
// All of them record a fingerprint of the model. Vectorizer: the top's; names of labels, calibration: nobody's.
// Thread rule: const methods from any thread.

#include <cstdint>
#include <string>

#include "xmr/model/xr_linear.hpp"
#include "xmr/util/observer.hpp"

namespace xmr {

// The keys of `content` in the meta.json of a top and of a shard, and in what they answer.
inline constexpr const char* kTopOf = "top_of";
inline constexpr const char* kShard = "shard";

// Writes top and shards into `folder`, which appears whole or not at all; advances the observer by each file. Chunks
// are copied as they are, verified. Some shards may be empty. ConfigError for a model with labels only; DataError for
// more labels than LabelTree::forest() takes, and for a folder that is taken; FormatError for a damaged chunk. Memory:
// 16 bytes a node.
void split(const XrLinearModel& model, std::uint32_t shards, const std::string& folder, Observer& observer);

// Which piece of what a shard is.
struct ShardPlace {
  std::string of;            // fingerprint of the model
  std::string tree;          // that of its tree
  std::uint32_t levels = 0;  // of its tree
  std::uint32_t shard = 0, shards = 1;
  NodeId first = 0;    // of its nodes, as the model counts them
  std::string top_of;  // if that model is a top itself: the fingerprint of the model that it is of
};

class ShardModel {
 public:
  // FormatError for a file that is no shard, or damaged.
  static ShardModel open(NpzFile file);
  static ShardModel open(const std::string& path) { return open(NpzFile(path)); }

  const ShardPlace& place() const { return place_; }
  // Its chunks, below a forest of its nodes, which are numbered from 0.
  const XrLinearModel& linear() const { return linear_; }
  NodeId nodes() const { return linear_.tree().parents(0); }

 private:
  explicit ShardModel(XrLinearModel linear);

  XrLinearModel linear_;
  ShardPlace place_;
};

}  // namespace xmr
