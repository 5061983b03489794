#pragma once
// Requests to a model. Each kind of model reads the common fields and its own part; it ignores the other parts.
//
//   const auto ranker = model->ranker({.k = 10, .search = {.beam = 20}});

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/complete/blocked_words.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/completion_source.hpp"
#include "xmr/predict/post_processor.hpp"
#include "xmr/predict/ranked_node.hpp"
#include "xmr/predict/search_counts.hpp"

namespace xmr {

// The request to models that search a tree (ModelCapabilities::searches_tree). Absent values are the model's.
struct SearchRequest {
  std::optional<std::uint32_t> beam = {};  // nodes kept at each level, >= 1
  std::optional<PostProcessor> post_processor = {};
  std::optional<TieRule> ties = {};
  bool exact = false;                             // the true best labels (linear_search.hpp); the beam is ignored
  bool among = false;                             // queries name their candidates (Query::among)
  std::optional<std::uint32_t> among_level = {};  // the candidates are nodes of this level; absent: labels
};

// The labels of a category weigh `factor` times as much.
struct CategoryBoost {
  std::string category;
  float factor = 1;  // above 0, at most LabelCatalog::kMaxWeight
  bool operator==(const CategoryBoost&) const = default;
};

// Parses NAME=FACTOR, cut at the last "=". Returns nothing if the factor is no number.
std::optional<CategoryBoost> parse_boost(std::string_view text);

// The request to models that complete (ModelCapabilities::completion).
struct CompletionRequest {
  CompletionSource source = CompletionSource::fused;
  // Answers with queries that are no labels too (complete/other_queries.hpp); with CompletionSource::fused only. Label
  // L + i is the i-th of them, L the number of labels.
  bool makes_queries = false;
  bool mends_typos = false;     // mends a typo in a prefix that no label begins with (complete/typo.hpp)
  bool shows_distinct = false;  // shows one of several near-equal answers, the most frequent (complete/near_equal.hpp)
  std::vector<std::string> categories = {};  // answers have one of them; empty: any label
  std::vector<CategoryBoost> boosts = {};
  // No answer holds one of its words; null: no block list. Must outlive the ranker.
  const BlockedLabels* blocked = nullptr;
};

struct RankRequest {
  std::uint32_t k = 10;  // answers, >= 1
  SearchRequest search = {};
  CompletionRequest completion = {};
  // The labels that may be answers, by label; null: all. Must outlive the ranker.
  const std::vector<bool>* allowed = nullptr;
  SearchCounts* counts = nullptr;  // null: no counting. Must outlive the ranker
};

}  // namespace xmr
