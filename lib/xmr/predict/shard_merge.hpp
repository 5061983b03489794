#pragma once
// Merges the answers of all shards of a model (ranking_shard.hpp) into the answers of the whole model: the best k of
// each row.
//
//   ShardMerge merge({"part-0.npz", "part-1.npz", "part-2.npz"});   // in any order
//   for (Row row = 0; row < merge.rows(); ++row) writer.write(merge(row));
//
// Lists are merged by the rank keys of their answers. Answers with equal keys have the same parent, so they are of the
// same shard. Cost: a comparison of the first answers of the lists for each answer. Errors: DataError if a file has no
// answers of a shard, if files have different models or queries, or if a shard is missing or given twice. Thread rule:
// one object a thread.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "xmr/io/json.hpp"
#include "xmr/predict/ranked_node.hpp"
#include "xmr/sparse/predictions.hpp"

namespace xmr {

class ShardMerge {
 public:
  // At least one path.
  explicit ShardMerge(const std::vector<std::string>& paths);

  Row rows() const { return parts_.front().view().rows; }
  std::uint64_t labels() const { return parts_.front().view().cols; }
  // The meta.json content of the predictions of the whole model.
  const Json& content() const { return content_; }
  // Returns true if the whole model is the top of another model: its answers then need their keys.
  bool is_of_top() const;

  // Returns the answers of a row; keys() returns their rank keys. Valid until the next call.
  CsrView operator()(Row row);
  std::span<const RankKeys> keys() const { return keys_; }

 private:
  // The remaining answers of a part to a row.
  struct Rest {
    const PredictionFile* part;
    Offset next, end;
    RankedNode first;
  };
  void add(const std::string& path);
  void check_whole() const;
  RankedNode node(const PredictionFile& part, Offset answer) const;

  std::deque<PredictionFile> parts_;
  std::vector<std::uint32_t> shards_;  // [part]: its shard
  std::uint32_t all_shards_ = 1;
  Json content_, questions_;  // common to all parts
  std::uint32_t k_ = 0;
  bool by_position_ = false;
  std::vector<Rest> rests_;
  CsrMatrix answers_;
  std::vector<RankKeys> keys_;
};

}  // namespace xmr
