#pragma once
// What xmr-predict does with a model, whatever its kind: rank labels for queries, one query or a group at a time.
//
//   std::unique_ptr<Ranker> ranker = model->ranker({.k = 10});   // see ranking_model.hpp
//   const SparseRow ranked = (*ranker)({row});                   // labels and scores, best first
//
// Costs a virtual call a query or a group; what a kind does inside is its own. The answers of a group are those of its
// queries one by one. Implementations reuse their memory: nothing is allocated once the first queries have made it
// grow. Thread rule: one object a thread; objects share the model.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "xmr/predict/ranked_node.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// What labels are ranked for.
struct Query {
  // Its indices increase and are below the model's number of features: whoever reads them from outside checks it.
  SparseRow features;
  // The labels that may be answers, if not all (of kinds of models that search with LabelRanges).
  std::optional<LabelRange> allowed = {};
  // The only candidates, all of which are scored: labels, or nodes of a level above whose labels they are (of searches
  // with TreePaths). Valid as long as the query.
  std::optional<std::span<const std::uint32_t>> among = {};
  // Where the search begins instead of the root, by rank: the nodes that are parents of the first level of a tree
  // without a root (model/shard.hpp). Valid as long as the query.
  std::optional<std::span<const RankedNode>> below = {};
  // Of models that complete: what was asked before, and what is typed now.
  std::string_view previous = {}, prefix = {};
};

class Ranker {
 public:
  // Answers are the best k of so many labels. ConfigError for k 0.
  Ranker(std::uint64_t labels, std::uint32_t k) : labels_(labels), k_(k) {
    if (k == 0) throw ConfigError("k: 0 answers wanted, at least 1 is needed");
  }
  virtual ~Ranker() = default;

  std::uint64_t labels() const { return labels_; }
  std::uint32_t k() const { return k_; }

  // The labels of each query and their scores, best first: row r answers queries[r]. Valid until the next call.
  virtual CsrView rank(std::span<const Query> queries) = 0;
  SparseRow operator()(const Query& query) { return rank({&query, 1}).row(0); }

  // Does it also tell what answers were ranked by? Only a search does that was asked to.
  virtual bool tells_keys() const { return false; }
  // Of the answers of the last call, one behind the other; none if it does not tell. Valid until the next call.
  virtual std::span<const RankKeys> keys() const { return {}; }

  // Bytes that a query of a group may take.
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

// Makes the ranker of one more thread.
using MakeRanker = std::function<std::unique_ptr<Ranker>()>;

}  // namespace xmr
