#pragma once
// The answers of all shards of a model (ranking_shard.hpp) as those of the whole model: the best k of each row.
//
//   ShardMerge merge({"part-0.npz", "part-1.npz", "part-2.npz"});   // in any order
//   for (Row row = 0; row < merge.rows(); ++row) writer.write(merge(row));
//
// Lists are merged by what their answers were ranked by; where that is equal they have the same parent, and so are of
// the same shard. Cost: a comparison of the lists' first answers for each answer. Errors: DataError for files that are
// not the answers of shards, or not of the same ones to the same questions, and for a shard that is missing or there
// twice. Thread rule: one object a thread.

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
  // What the whole model's predictions record.
  const nlohmann::ordered_json& content() const { return content_; }
  // Is the whole model itself the top of another, so that its answers need their keys?
  bool is_of_top() const;

  // The answers of a row and what they were ranked by. Valid until the next call.
  CsrView operator()(Row row);
  std::span<const RankKeys> keys() const { return keys_; }

 private:
  // What is left of the answers of a part to a row.
  struct Rest {
    const PredictionFile* part;
    Offset next, end;
    RankedNode first;
  };
  void add(const std::string& path);
  void check_whole() const;
  RankedNode node(const PredictionFile& part, Offset answer) const;

  std::deque<PredictionFile> parts_;
  std::vector<std::uint32_t> shards_;  // of the parts
  std::uint32_t all_shards_ = 1;
  JsonValue content_, questions_;  // of all parts
  std::uint32_t k_ = 0;
  bool by_position_ = false;
  std::vector<Rest> rests_;
  CsrMatrix answers_;
  std::vector<RankKeys> keys_;
};

}  // namespace xmr
