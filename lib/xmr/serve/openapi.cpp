// The description of the routes for OpenAPI 3.0 (https://spec.openapis.org/oas/v3.0.3).

#include <set>
#include <string>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/json_file.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/serve/api.hpp"

namespace xmr::serve {
namespace {

Json reference(const std::string& schema) {
  return {{"$ref", "#/components/schemas/" + schema}};
}

Json schema_of(const Setting& setting, const RankLimits& limits) {
  Json schema;
  switch (setting.type) {
    case SettingType::text:
      schema = {{"type", "string"}};
      if (!setting.words.empty()) schema["enum"] = setting.words;
      break;
    case SettingType::whole:
      schema = {{"type", "integer"},
                {"minimum", setting.least},
                {"maximum", setting.most > 0 ? setting.most : std::int64_t{limits.answers}}};
      break;
    case SettingType::number:
      schema = {{"type", "number"}};
      break;
    case SettingType::flag:
      schema = {{"type", "boolean"}};
      break;
    case SettingType::list:
      schema = {{"type", "array"}, {"items", {{"type", "string"}}}, {"maxItems", limits.list_labels}};
      break;
  }
  return schema;
}

Json text_parameter(const std::string& name, const std::string& about, bool required) {
  return {{"name", name},
          {"in", "query"},
          {"description", about},
          {"required", required},
          {"schema", {{"type", "string"}}}};
}

Json parameters(bool is_completion, const RankLimits& limits) {
  Json list = Json::array();
  if (!is_completion) list.push_back(text_parameter("q", "Text of the query", false));
  list.push_back(text_parameter("previous", "Previous query of the session, for a completion model", false));
  for (std::size_t i = 2; i < kMaxEarlier + 2; ++i)
    list.push_back(text_parameter(fmt::format("previous{}", i), "The query before the one named before", false));
  list.push_back(text_parameter("prefix", "Typed prefix, for a completion model", is_completion));
  for (const Setting& setting : settings())
    list.push_back({{"name", setting.name},
                    {"in", "query"},
                    {"description", setting.about},
                    {"schema", schema_of(setting, limits)}});
  return list;
}

Json call_schema(const RankLimits& limits) {
  const Json query = {
      {"oneOf",
       {{{"type", "string"}},
        {{"type", "object"},
         {"description", "Columns of text by name, or the features as pairs of number and value"},
         {"properties",
          {{"features",
            {{"type", "array"},
             {"items", {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 2}, {"maxItems", 2}}}}}}},
         {"additionalProperties", {{"type", "string"}}}}}}};
  Json properties = {{"queries", {{"type", "array"}, {"items", query}, {"minItems", 1}, {"maxItems", limits.queries}}}};
  for (const Setting& setting : settings()) {
    properties[std::string(setting.name)] = schema_of(setting, limits);
    properties[std::string(setting.name)]["description"] = setting.about;
  }
  return {{"type", "object"}, {"required", {"queries"}}, {"properties", properties}, {"additionalProperties", false}};
}

Json schemas(const RankLimits& limits) {
  Json codes = Json::array();
  std::string meanings;
  for (const ErrorMeaning& error : error_meanings()) {
    codes.push_back(error.name);
    meanings += fmt::format("{} ({}): {}. ", error.name, error.status, error.meaning);
  }
  const Json text = {{"type", "string"}};
  return {
      {"Call", call_schema(limits)},
      {"Answer",
       {{"type", "object"},
        {"required", {"row", "labels"}},
        {"properties",
         {{"row", {{"type", "integer"}, {"description", "Number of the query, from 0"}}},
          {"mended", text},
          {"backed_off", text},
          {"labels",
           {{"type", "array"},
            {"items",
             {{"type", "object"},
              {"required", {"key", "score"}},
              {"properties",
               {{"key", text},
                {"score", {{"type", "number"}}},
                {"text", text},
                {"made", {{"type", "boolean"}, {"description", "Nobody has asked this completion"}}},
                {"matched",
                 {{"type", "array"},
                  {"description", "The typed parts of a completion: characters begin to end - 1"},
                  {"items", {{"type", "array"}, {"items", {{"type", "integer"}}}, {"minItems", 2}, {"maxItems", 2}}}}},
                {"path", {{"type", "array"}, {"items", {{"type", "object"}}}}}}}}}}}}}}},
      {"Answers",
       {{"type", "object"},
        {"required", {"answers"}},
        {"properties", {{"answers", {{"type", "array"}, {"items", reference("Answer")}}}}}}},
      {"Models",
       {{"type", "object"},
        {"required", {"models"}},
        {"properties", {{"models", {{"type", "array"}, {"items", {{"type", "object"}}}}}}}}},
      {"Error",
       {{"type", "object"},
        {"required", {"error"}},
        {"properties",
         {{"error",
           {{"type", "object"},
            {"required", {"code", "message"}},
            {"properties",
             {{"code", {{"type", "string"}, {"enum", codes}, {"description", meanings}}},
              {"message", text},
              {"hint", text}}}}}}}}},
  };
}

Json reply_of(std::string_view method, std::string_view path, std::string_view content_type) {
  Json schema = {{"type", "object"}};
  if (path == "/v1/complete" || path == "/v1/rank") schema = reference(method == "POST" ? "Answers" : "Answer");
  if (path == "/v1/models") schema = reference("Models");
  if (!content_type.starts_with("application/json")) schema = {{"type", "string"}};
  const std::string type(content_type.substr(0, content_type.find(';')));
  return {{"description", "The answer"}, {"content", {{type, {{"schema", schema}}}}}};
}

}  // namespace

std::string Api::describe_routes() const {
  Json paths = Json::object();
  for (const Route& route : routes()) {
    Json operation = {{"summary", route.summary}};
    if (route.method == "GET" && (route.path == "/v1/rank" || route.path == "/v1/complete"))
      operation["parameters"] = parameters(route.path == "/v1/complete", options_.limits);
    if (route.method == "POST")
      operation["requestBody"] = {{"required", true},
                                  {"content", {{"application/json", {{"schema", reference("Call")}}}}}};
    operation["responses"] = {{"200", reply_of(route.method, route.path, route.content_type)},
                              {"default",
                               {{"description", "An error, with its code and what to do"},
                                {"content", {{"application/json", {{"schema", reference("Error")}}}}}}}};
    paths[std::string(route.path)][route.method == "POST" ? "post" : "get"] = operation;
  }
  return Json{{"openapi", "3.0.3"},
              {"info",
               {{"title", "xmr-serve"},
                {"description", "Ranks labels and completes queries with models of the XMR toolchain"},
                {"version", std::string(xmr::version())}}},
              {"paths", paths},
              {"components", {{"schemas", schemas(options_.limits)}}}}
             .dump() +
         '\n';
}

}  // namespace xmr::serve
