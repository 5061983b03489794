#include "xmr/predict/shard_merge.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/model/shard.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

ShardMerge::ShardMerge(const std::vector<std::string>& paths) {
  for (const std::string& path : paths)
    add(path);
  check_whole();
  answers_ = CsrMatrix(labels());
}

void ShardMerge::add(const std::string& path) {
  const PredictionFile& part = parts_.emplace_back(path);
  Json content = part.content();
  if (!content.contains(kShard) || !part.has_keys())
    throw DataError(path, "holds no answers of a shard", "xmr-predict --below makes them");
  Json questions = std::move(content[kShard]);
  content.erase(kShard);
  try {
    shards_.push_back(questions.at("shard").get<std::uint32_t>());
    questions.erase("shard");
    if (parts_.size() == 1) {
      all_shards_ = questions.at("shards").get<std::uint32_t>();
      k_ = content.at("k").get<std::uint32_t>();
      by_position_ = parse_named<TieRule>("ties", content.at("ties").get<std::string>()) == TieRule::position;
    }
  } catch (const JsonError&) {
    throw FormatError(path, "meta.json: does not tell what the shard was asked");
  }
  if (parts_.size() == 1) {
    content_ = std::move(content);
    questions_ = std::move(questions);
    return;
  }
  const std::string& first = parts_.front().name();
  if (questions != questions_)
    throw DataError(path, fmt::format("is of another model than {}, or answers for other nodes", first));
  if (content != content_) throw DataError(path, fmt::format("was made with other options than {}", first));
  if (part.view().rows != rows() || part.view().cols != labels())
    throw DataError(path, fmt::format("{} rows x {} labels, but {} has {} x {}", part.view().rows, part.view().cols,
                                      first, rows(), labels()));
}

void ShardMerge::check_whole() const {
  // If there are more shards than parts, one of the first parts_.size() shards is missing. The memory does not depend
  // on the number in the file.
  std::vector<std::size_t> part_of(std::min<std::size_t>(all_shards_, parts_.size() + 1), parts_.size());
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    const std::uint32_t shard = shards_[part];
    if (shard >= all_shards_)
      throw FormatError(parts_[part].name(), fmt::format("meta.json: shard {} of {}", shard, all_shards_));
    if (shard >= part_of.size()) continue;
    if (part_of[shard] < part)
      throw DataError(parts_[part].name(),
                      fmt::format("is of shard {}, as {} is", shard, parts_[part_of[shard]].name()));
    part_of[shard] = part;
  }
  const auto missing = std::ranges::find(part_of, parts_.size());
  if (missing != part_of.end())
    throw DataError(parts_.front().name(),
                    fmt::format("is of one of {} shards, and the answers of shard {} are missing", all_shards_,
                                missing - part_of.begin()));
}

bool ShardMerge::is_of_top() const {
  return content_.contains(kTopOf);
}

RankedNode ShardMerge::node(const PredictionFile& part, Offset answer) const {
  const RankKeys keys = part.keys(answer);
  return {.rank_score = by_position_ ? part.view().values[answer] : keys.path,
          .margin = keys.margin,
          .path_margin = keys.path_margin,
          .order = keys.order,
          .path = keys.path};
}

CsrView ShardMerge::operator()(Row row) {
  rests_.clear();
  for (const PredictionFile& part : parts_) {
    const Offset begin = part.view().indptr[row], end = part.view().indptr[row + 1];
    if (begin < end) rests_.push_back({&part, begin, end, node(part, begin)});
  }
  answers_.clear();
  keys_.clear();
  while (!rests_.empty() && keys_.size() < k_) {
    const auto best = std::ranges::min_element(rests_, RanksBefore(), &Rest::first);
    const PredictionFile& part = *best->part;
    answers_.push(part.view().indices[best->next], part.view().values[best->next]);
    keys_.push_back(part.keys(best->next));
    if (++best->next == best->end)
      rests_.erase(best);
    else
      best->first = node(part, best->next);
  }
  answers_.end_row();
  return answers_;
}

}  // namespace xmr
