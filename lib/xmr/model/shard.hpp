#pragma once
// Cuts a model into pieces for several machines. split() takes off the last level:
//
//   top.npz         the levels above the labels; its labels are the nodes of its last level
//   shard-<i>.npz   the chunks of the last level below a range of these nodes, of about equal bytes
//
// A top is a model and can be split again. predict/shard_ranking.hpp tells how pieces answer. All pieces record the
// fingerprint of the model. The vectorizer goes to the top; names and calibration are left out. Thread rule: const
// methods from any thread.

#include <cstdint>
#include <string>

#include "xmr/model/xr_linear.hpp"
#include "xmr/util/observer.hpp"

namespace xmr {

// Keys of `content` in the meta.json of a top, of a shard, and of their answers.
inline constexpr const char* kTopOf = "top_of";
inline constexpr const char* kShard = "shard";

// Writes top and shards into `folder`, which appears completely or not at all; advances the observer by each file.
// Chunks are verified and copied. Shards may be empty. Throws ConfigError for a model with one level, DataError for
// more labels than LabelTree::forest() takes or a folder that is not empty, FormatError for a damaged chunk. Memory: 16
// bytes a node.
void split(const XrLinearModel& model, std::uint32_t shards, const std::string& folder, Observer& observer);

// Identity of a shard.
struct ShardPlace {
  std::string of;            // fingerprint of the model
  std::string tree;          // fingerprint of its tree
  std::uint32_t levels = 0;  // levels of the tree
  std::uint32_t shard = 0, shards = 1;
  NodeId first = 0;    // first node, numbered as in the model
  std::string top_of;  // fingerprint of the whole model if the model is a top
};

class ShardModel {
 public:
  // If the file is no shard or is damaged, throws FormatError.
  static ShardModel open(NpzFile file);
  static ShardModel open(const std::string& path) { return open(NpzFile(path)); }

  const ShardPlace& place() const { return place_; }
  // The chunks below a forest of the shard's nodes, numbered from 0.
  const XrLinearModel& linear() const { return linear_; }
  NodeId nodes() const { return linear_.tree().parents(0); }

 private:
  explicit ShardModel(XrLinearModel linear);

  XrLinearModel linear_;
  ShardPlace place_;
};

}  // namespace xmr
