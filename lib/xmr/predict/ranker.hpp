#pragma once
// Ranks labels for queries, one query or a group at a time, with a model of any kind.
//
//   std::unique_ptr<Ranker> ranker = model->ranker({.k = 10});   // see ranking_model.hpp
//   const SparseRow ranked = (*ranker)({row});                   // labels and scores, best first
//
// The answers of a group equal its queries one by one. Cost: a virtual call a group. Implementations reuse their
// memory: later queries allocate nothing. Thread rule: one object a thread; objects share the model.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "xmr/complete/evidence.hpp"
#include "xmr/predict/ranked_node.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// The query of a row.
struct Query {
  // Indices increase and are below the model's number of features. The reader of outside data checks them.
  SparseRow features = {};
  // The labels that may be answers; absent: all. For searches with LabelRanges.
  std::optional<LabelRange> allowed = {};
  // The only candidates: labels, or nodes of a level whose labels are the candidates. All are scored. For searches with
  // TreePaths. Valid as long as the query.
  std::optional<std::span<const std::uint32_t>> among = {};
  // The parents of the first level, by rank, for a tree without a root (model/shard.hpp). The search begins there.
  // Valid as long as the query.
  std::optional<std::span<const RankedNode>> below = {};
  // The previous query and the typed prefix, for models that complete.
  std::string_view previous = {}, prefix = {};
  // The queries of the session before `previous`, the latest first.
  std::array<std::string_view, kMaxEarlier> earlier = {};
  // The text itself, for models that read it (ModelCapabilities::retrieval).
  std::string_view text = {};
};

class Ranker {
 public:
  // Answers are the best k of `labels` labels. If k is 0, throws ConfigError.
  Ranker(std::uint64_t labels, std::uint32_t k) : labels_(labels), k_(k) {
    if (k == 0) throw ConfigError("k: 0 answers wanted, at least 1 is needed");
  }
  virtual ~Ranker() = default;

  std::uint64_t labels() const { return labels_; }
  std::uint32_t k() const { return k_; }

  // Returns the labels of each query and their scores, best first. Row r answers queries[r]. Valid until the next call.
  virtual CsrView rank(std::span<const Query> queries) = 0;
  SparseRow operator()(const Query& query) { return rank({&query, 1}).row(0); }

  // Returns true if keys() returns the rank keys of answers: a search with SearchOptions::tells_keys.
  virtual bool tells_keys() const { return false; }
  // The rank keys of the answers of the last call, one after another. Valid until the next call.
  virtual std::span<const RankKeys> keys() const { return {}; }

  // The largest memory of a query of a group, in bytes.
  virtual std::size_t query_memory() const = 0;

 protected:
  Ranker(Ranker&&) noexcept = default;
  Ranker(const Ranker&) = default;
  Ranker& operator=(Ranker&&) noexcept = default;
  Ranker& operator=(const Ranker&) = default;

 private:
  std::uint64_t labels_;
  std::uint32_t k_;
};

// Makes the ranker of a thread.
using MakeRanker = std::function<std::unique_ptr<Ranker>()>;

}  // namespace xmr
