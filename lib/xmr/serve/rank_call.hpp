#pragma once
// A call of /v1/rank or /v1/complete: the queries, and how they are ranked.
//
//   const RankCall get = rank_call_of_url("q=web+browser&k=5", limits);
//   const RankCall post = rank_call_of_json(R"({"k":5,"queries":["web browser","chess"]})", limits);
//
// The parameters of a URL and the members of the JSON have the same names (settings()). Errors: RequestError. Cost:
// the JSON is parsed as a whole; a depth above kMaxDepth is refused before. Thread rule: pure functions.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmr/predict/completion_source.hpp"
#include "xmr/predict/rank_request.hpp"
#include "xmr/util/types.hpp"

namespace xmr::serve {

// The largest values that a request may ask for.
struct RankLimits {
  std::uint32_t answers = 1000;       // k
  std::uint32_t queries = 100;        // of a POST
  std::uint32_t list_labels = 10000;  // of `allow`, `deny`, `category` and `boost`
};

struct RankSettings {
  std::uint32_t k = 10;
  std::optional<std::uint32_t> beam = {};
  std::optional<float> min_score = {};
  std::optional<std::uint32_t> explain = {};  // features of each level
  bool texts = false;                         // tells the text of each label
  std::optional<CompletionSource> source = {};
  std::optional<std::uint32_t> typos = {};
  std::optional<std::uint32_t> unseen = {};
  std::vector<std::string> allow = {}, deny = {};  // keys of labels
  bool distinct = false;
  std::vector<std::string> categories = {};
  std::vector<CategoryBoost> boosts = {};

  bool operator==(const RankSettings&) const = default;
};

// A query: columns of text by name, or features.
struct QueryInput {
  std::vector<std::pair<std::string, std::string>> columns = {};
  std::vector<std::pair<FeatureId, float>> features = {};
  bool has_features = false;
};

struct RankCall {
  std::string model;  // empty: the first model that fits
  RankSettings settings;
  std::vector<QueryInput> queries;
};

// The name of the column that the parameter q and a query that is a string are.
inline constexpr std::string_view kTextColumn = "text";

enum class SettingType { text, whole, number, flag, list };

// A parameter of the call beside its queries.
struct Setting {
  std::string_view name;
  SettingType type;
  std::string_view about;
  std::int64_t least = 0, most = 0;              // of a whole number; most 0: RankLimits::answers
  std::span<const std::string_view> words = {};  // the allowed texts; none: any text
};
std::span<const Setting> settings();

inline constexpr std::size_t kMaxDepth = 16;

// `is_completion`: reads previous and prefix in place of q.
RankCall rank_call_of_url(std::string_view query, const RankLimits& limits, bool is_completion = false);
RankCall rank_call_of_json(std::string_view body, const RankLimits& limits);

}  // namespace xmr::serve
