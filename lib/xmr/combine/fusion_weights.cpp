#include <array>
#include <cmath>
#include <span>
#include <string>

#include <fmt/format.h>

#include "xmr/combine/fusion.hpp"
#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/json_file.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::string_view kKind = "fusion";
constexpr int kWeightsVersion = 1;
constexpr std::size_t kMaxLists = 64;
constexpr double kLargestWeight = 1e30;  // scores are at most 1e38, their products 1e76: sums stay finite
constexpr std::array<const char*, kListEvidence> kListNames = {"listed", "ratio", "score", "logarithm", "rank"};
constexpr std::array<const char*, kPairEvidence> kPairNames = {"both", "product"};

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw FormatError(path, what, "xmr-eval fit-fusion writes fusion weights");
}

double number(const std::string& path, const Json& object, const char* key) {
  const Json* const found = object.find(key);
  if (found == nullptr || !found->is_number() || !(std::fabs(found->get<double>()) <= kLargestWeight))
    fail(path, fmt::format("\"{}\" is missing or no number in {}..{}", key, -kLargestWeight, kLargestWeight));
  return found->get<double>();
}

const Json& array_of(const std::string& path, const Json& json, const char* key) {
  const Json* const found = json.find(key);
  if (found == nullptr || !found->is_array()) fail(path, fmt::format("\"{}\" is missing or no array", key));
  for (const Json& element : found->values())
    if (!element.is_object()) fail(path, fmt::format("\"{}\" holds something else than objects", key));
  return *found;
}

}  // namespace

FusionWeights FusionWeights::read(const std::string& path) {
  const MappedFile file(path);
  const Json json = Json::parse_if_valid(file.bytes()).value_or(nullptr);
  const auto is = [&](const char* key, const Json& value) { return json.contains(key) && json[key] == value; };
  if (!is("kind", kKind) || !is("format_version", kWeightsVersion))
    fail(file.name(), "is not a file of fusion weights");
  const Json& lists = array_of(file.name(), json, "lists");
  const Json& pairs = array_of(file.name(), json, "pairs");
  if (lists.empty() || lists.size() > kMaxLists || pairs.size() != pairs_of(lists.size()))
    fail(file.name(), fmt::format("{} lists and {} pairs of them", lists.size(), pairs.size()));
  FusionWeights weights{lists.size(), {}};
  for (const Json& list : lists.values())
    for (const char* name : kListNames)
      weights.values.push_back(number(file.name(), list, name));
  for (const Json& pair : pairs.values())
    for (const char* name : kPairNames)
      weights.values.push_back(number(file.name(), pair, name));
  weights.values.push_back(number(file.name(), json, "constant"));
  return weights;
}

void FusionWeights::write(const std::string& path) const {
  auto next = values.begin();
  const auto take = [&](std::span<const char* const> names) {
    Json object;
    for (const char* name : names)
      object[name] = *next++;
    return object;
  };
  Json json = {
      {"kind", kKind}, {"format_version", kWeightsVersion}, {"lists", Json::array()}, {"pairs", Json::array()}};
  for (std::size_t list = 0; list < lists; ++list)
    json["lists"].push_back(take(kListNames));
  for (std::size_t pair = 0; pair < pairs_of(lists); ++pair)
    json["pairs"].push_back(take(kPairNames));
  json["constant"] = *next;
  write_json(path, json);
}

}  // namespace xmr
