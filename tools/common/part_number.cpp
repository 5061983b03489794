#include "common/part_number.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

#include "common/options.hpp"

namespace xmr::tools {
namespace {

constexpr const char* kVariables[] = {"SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"};

std::uint32_t checked(std::string_view source, std::uint32_t part, std::uint32_t parts) {
  if (part >= parts) throw ConfigError(fmt::format("{}: part {} is outside 0..{}", source, part, parts - 1));
  return part;
}

// The number of the array job's task, if this is one.
std::optional<std::uint32_t> task_number(std::uint32_t parts) {
  for (const char* variable : kVariables) {
    const char* const value = std::getenv(variable);
    if (value == nullptr) continue;
    const std::string_view text = value;
    std::uint32_t part = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (error != std::errc() || end != text.data() + text.size())
      throw ConfigError(fmt::format("{}: {} is no number of a part", variable, quote(text)));
    return checked(variable, part, parts);
  }
  return std::nullopt;
}

ConfigError which_part(const std::string& parts) {
  return ConfigError(
      fmt::format("which part? --part {} tells", parts),
      "in array jobs, SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and AWS_BATCH_JOB_ARRAY_INDEX tell, too");
}

// "2/8".
PartOf parse_part(const std::string& text) {
  const char* const end = text.data() + text.size();
  PartOf part;
  const auto first = std::from_chars(text.data(), end, part.part);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '/') {
    const auto second = std::from_chars(first.ptr + 1, end, part.parts);
    if (second.ec == std::errc() && second.ptr == end && part.part < part.parts) return part;
  }
  throw ConfigError(fmt::format("--part: {} is no part; 0/8 to 7/8 are those of 8", quote(text)));
}

}  // namespace

std::vector<CLI::Option*> add_part(CLI::App& app, PartOf& part, const std::string& what) {
  CLI::Option* const given =
      app.add_option_function<std::string>(
             "--part", [&part](const std::string& text) { part = parse_part(text); },
             fmt::format("{} only this part of N, from 0: a range of rows of about the size of the others", what))
          ->type_name("I/N");
  CLI::Option* const of_array =
      app.add_option_function<std::uint32_t>(
             "--parts",
             [&part](std::uint32_t parts) {
               const auto task = task_number(parts);
               if (!task) throw which_part(fmt::format("0/{} to {}/{}", parts, parts - 1, parts));
               part = {*task, parts};
             },
             "The same in an array job, which tells I: SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX (Kubernetes) or "
             "AWS_BATCH_JOB_ARRAY_INDEX")
          ->transform(range(1U))
          ->type_name("N")
          ->excludes(given);
  return {given, of_array};
}

std::uint32_t part_number(const std::optional<std::uint32_t>& given, std::uint32_t parts) {
  if (given) return checked("--part", *given, parts);
  const auto task = task_number(parts);
  if (!task) throw which_part(fmt::format("0..{}", parts - 1));
  return *task;
}

}  // namespace xmr::tools
