#include "xmr/serve/rank_call.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/io/json.hpp"
#include "xmr/serve/request_error.hpp"
#include "xmr/serve/url.hpp"
#include "xmr/util/quote.hpp"

namespace xmr::serve {
namespace {

constexpr std::int64_t kMaxBeam = 100000, kMaxExplained = 100;
constexpr std::uint32_t kExplained = 5;  // of explain=true

std::span<const std::string_view> source_names() {
  static const std::vector<std::string_view> names = names_of<CompletionSource>();
  return names;
}

// Returns null if no setting has this name.
const Setting* find_setting(std::string_view name) {
  const auto setting = std::ranges::find(settings(), name, &Setting::name);
  return setting == settings().end() ? nullptr : &*setting;
}

[[noreturn]] void refuse(std::string_view name, std::string_view fault, const std::string& hint = {}) {
  throw RequestError(ErrorCode::bad_parameter, fmt::format("{}: {}", name, fault), hint);
}

std::uint32_t whole_of(const Setting& setting, std::string_view text, const RankLimits& limits) {
  const std::int64_t most = setting.most > 0 ? setting.most : limits.answers;
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < setting.least || value > most)
    refuse(setting.name, fmt::format("{} is not a whole number in {}..{}", quote(text), setting.least, most));
  return static_cast<std::uint32_t>(value);
}

float number_of(const Setting& setting, std::string_view text) {
  float value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value))
    refuse(setting.name, fmt::format("{} is not a finite number", quote(text)));
  return value;
}

bool flag_of(const Setting& setting, std::string_view text) {
  if (text != "true" && text != "false") refuse(setting.name, fmt::format("{} is neither true nor false", quote(text)));
  return text == "true";
}

// Sets a setting from its text. Returns false if no setting has this name.
bool set(RankCall& call, std::string_view name, std::string_view text, const RankLimits& limits) {
  const Setting* const setting = find_setting(name);
  if (setting == nullptr) return false;
  RankSettings& settings = call.settings;
  const auto add_to = [&](std::vector<std::string>& list) {
    if (list.size() == limits.list_labels) refuse(name, fmt::format("more than {} labels", limits.list_labels));
    list.emplace_back(text);
  };
  const auto add_boost = [&] {
    if (settings.boosts.size() == limits.list_labels) refuse(name, fmt::format("more than {}", limits.list_labels));
    const std::optional<CategoryBoost> boost = parse_boost(text);
    if (!boost) refuse(name, fmt::format("{} is not NAME=FACTOR", quote(text)), "boost=shoes=2");
    settings.boosts.push_back(*boost);
  };
  if (name == "model") call.model = text;
  if (name == "k") settings.k = whole_of(*setting, text, limits);
  if (name == "beam") settings.beam = whole_of(*setting, text, limits);
  if (name == "min_score") settings.min_score = number_of(*setting, text);
  if (name == "explain") settings.explain = text == "true" ? kExplained : whole_of(*setting, text, limits);
  if (name == "texts") settings.texts = flag_of(*setting, text);
  if (name == "allow") add_to(settings.allow);
  if (name == "deny") add_to(settings.deny);
  if (name == "distinct") settings.distinct = flag_of(*setting, text);
  if (name == "category") add_to(settings.categories);
  if (name == "boost") add_boost();
  if (name == "typos") settings.typos = whole_of(*setting, text, limits);
  if (name == "unseen") settings.unseen = whole_of(*setting, text, limits);
  if (name == "source") {
    settings.source = find_named<CompletionSource>(text);
    if (!settings.source) refuse(name, fmt::format("{} is none of {}", quote(text), fmt::join(source_names(), ", ")));
  }
  return true;
}

[[noreturn]] void refuse_unknown(std::string_view name, std::span<const std::string_view> others) {
  std::string known = fmt::format("{}", fmt::join(others, ", "));
  for (const Setting& setting : settings())
    known += fmt::format(", {}", setting.name);
  throw RequestError(ErrorCode::bad_parameter, fmt::format("{} is not a parameter", quote(name)),
                     "allowed are " + known);
}

// Throws RequestError if arrays and objects are nested deeper than kMaxDepth. The text need not be JSON.
void check_depth(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (depth > kMaxDepth)
      throw RequestError(ErrorCode::bad_body, fmt::format("body: JSON nested deeper than {} levels", kMaxDepth));
  }
}

std::string_view type_name(SettingType type) {
  switch (type) {
    case SettingType::text:
      return "a string";
    case SettingType::whole:
      return "a whole number";
    case SettingType::number:
      return "a number";
    case SettingType::flag:
      return "true or false";
    case SettingType::list:
      return "an array of strings";
  }
  return {};
}

bool has_type(const Json& value, const Setting& setting) {
  switch (setting.type) {
    case SettingType::text:
      return value.is_string();
    case SettingType::whole:
      return value.is_whole() || (setting.name == "explain" && value == true);
    case SettingType::number:
      return value.is_number();
    case SettingType::flag:
      return value.is_boolean();
    case SettingType::list:
      return value.is_array() && std::ranges::all_of(value.values(), [](const Json& item) { return item.is_string(); });
  }
  return false;
}

void set_from_json(RankCall& call, const std::string& name, const Json& value, const RankLimits& limits) {
  const Setting* const setting = find_setting(name);
  if (setting == nullptr) {
    constexpr std::string_view kQueries[] = {"queries"};
    refuse_unknown(name, kQueries);
  }
  if (!has_type(value, *setting)) refuse(name, fmt::format("must be {}", type_name(setting->type)));
  if (value.is_array()) {
    for (const Json& item : value.values())
      set(call, name, item.text(), limits);
    return;
  }
  set(call, name, value.is_string() ? value.get<std::string>() : value.dump(), limits);
}

std::vector<std::pair<FeatureId, float>> features_of(const Json& pairs, std::size_t query) {
  const auto fault = [query](std::string_view what) {
    return RequestError(ErrorCode::bad_body, fmt::format("queries[{}]: features: {}", query, what),
                        R"(write [[17,0.5],[23,1]]: a number of a feature, and its value)");
  };
  if (!pairs.is_array()) throw fault("must be an array of pairs");
  std::vector<std::pair<FeatureId, float>> features;
  features.reserve(pairs.size());
  for (const Json& pair : pairs.values()) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_count() || !pair[1].is_number())
      throw fault("must be an array of pairs");
    const auto feature = pair[0].get<std::uint64_t>();
    const double value = pair[1].get<double>();
    if (feature >= kMaxColumns) throw fault(fmt::format("feature {} is not below {}", feature, kMaxColumns));
    if (!std::isfinite(static_cast<float>(value))) throw fault("a value is too large");
    features.emplace_back(static_cast<FeatureId>(feature), static_cast<float>(value));
  }
  std::ranges::sort(features);
  for (std::size_t i = 1; i < features.size(); ++i)
    if (features[i].first == features[i - 1].first) throw fault(fmt::format("feature {} twice", features[i].first));
  return features;
}

QueryInput query_of(const Json& value, std::size_t query) {
  QueryInput input;
  if (value.is_string()) {
    input.columns.emplace_back(kTextColumn, value.get<std::string>());
    return input;
  }
  if (!value.is_object() || value.empty())
    throw RequestError(ErrorCode::bad_body, fmt::format("queries[{}]: must be a string or an object", query),
                       R"(write "web browser", {"previous":"libc6","prefix":"libg"} or {"features":[[17,0.5]]})");
  for (const auto& [name, column] : value.items()) {
    if (name == "features") {
      input.features = features_of(column, query);
      input.has_features = true;
      continue;
    }
    if (!column.is_string())
      throw RequestError(ErrorCode::bad_body, fmt::format("queries[{}]: {}: must be a string", query, quote(name)));
    input.columns.emplace_back(name, column.get<std::string>());
  }
  if (input.has_features && !input.columns.empty())
    throw RequestError(ErrorCode::bad_body,
                       fmt::format("queries[{}]: has features and texts; give one of them", query));
  return input;
}

}  // namespace

std::span<const Setting> settings() {
  static const Setting kSettings[] = {
      {"model", SettingType::text, "Name of the model; default: the first model that fits"},
      {"k", SettingType::whole, "Number of answers to a query; default 10", 1},
      {"beam", SettingType::whole, "Number of nodes kept at each level of a tree; default: that of the model", 1,
       kMaxBeam},
      {"min_score", SettingType::number, "Smallest score of an answer; default: none"},
      {"explain", SettingType::whole,
       "Number of features to tell at each level of an answer's path; true is 5; default: no paths", 0, kMaxExplained},
      {"texts", SettingType::flag, "Tells the text of each label; default false"},
      {"allow", SettingType::list, "Keys of the labels to answer with; default: all labels"},
      {"deny", SettingType::list, "Keys of the labels not to answer with; default: none"},
      {"distinct", SettingType::flag,
       "Shows the most frequent of completions that differ only in separators, accents, plural or the order of words; "
       "default false"},
      {"category", SettingType::list, "Categories of the labels to complete with; default: all labels"},
      {"boost", SettingType::list, "NAME=FACTOR: labels of this category weigh FACTOR times as much; default: none"},
      {"source", SettingType::text, "Source of completions; default fused", 0, 0, source_names()},
      {"typos", SettingType::whole, "Number of edits that mend a prefix of no known query; default 0", 0, 1},
      {"unseen", SettingType::whole,
       "1: completions hold queries that nobody has asked too, made of words, unless they are calibrated; default 1", 0,
       1},
  };
  return kSettings;
}

RankCall rank_call_of_url(std::string_view query, const RankLimits& limits, bool is_completion) {
  RankCall call;
  QueryInput& input = call.queries.emplace_back();
  std::vector<std::string_view> seen;
  const UrlParameters parameters = parse_parameters(query);
  for (const auto& [name, value] : parameters) {
    if (const Setting* setting = find_setting(name); setting == nullptr || setting->type != SettingType::list) {
      if (std::ranges::find(seen, name) != seen.end()) refuse(name, "is given twice");
      seen.push_back(name);
    }
    if (name == "q" && !is_completion) {
      input.columns.emplace_back(kTextColumn, value);
    } else if (name == "prefix" || name.starts_with("previous")) {
      input.columns.emplace_back(name, value);
    } else if (!set(call, name, value, limits)) {
      constexpr std::string_view kTexts[] = {"q", "previous", "prefix"};
      refuse_unknown(name, std::span(kTexts).subspan(is_completion ? 1 : 0));
    }
  }
  if (input.columns.empty())
    throw is_completion ? RequestError(ErrorCode::bad_parameter, "prefix: is missing", "/v1/complete?prefix=libg")
                        : RequestError(ErrorCode::bad_parameter, "q: is missing", "/v1/rank?q=web+browser");
  return call;
}

RankCall rank_call_of_json(std::string_view body, const RankLimits& limits) {
  check_depth(body);
  const std::optional<Json> parsed = Json::parse_if_valid(body);
  if (!parsed)
    throw RequestError(ErrorCode::bad_body, "body: is not JSON in UTF-8", R"(write {"queries":["web browser"]})");
  const Json& content = *parsed;
  if (!content.contains("queries") || !content["queries"].is_array())
    throw RequestError(ErrorCode::bad_body, "body: must be an object with the array queries",
                       R"(write {"queries":["web browser"]})");
  RankCall call;
  for (const auto& [name, value] : content.items())
    if (name != "queries") set_from_json(call, name, value, limits);
  const Json& queries = content["queries"];
  if (queries.empty() || queries.size() > limits.queries)
    throw RequestError(ErrorCode::bad_body,
                       fmt::format("queries: {} queries, allowed are 1..{}", queries.size(), limits.queries));
  for (const Json& query : queries.values())
    call.queries.push_back(query_of(query, call.queries.size()));
  return call;
}

}  // namespace xmr::serve
