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

// Returns the number of the task, if this is a task of an array job.
std::optional<std::uint32_t> task_number(std::uint32_t parts) {
  for (const char* variable : kVariables) {
    const char* const value = std::getenv(variable);
    if (value == nullptr) continue;
    const std::string_view text = value;
    std::uint32_t part = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (error != std::errc() || end != text.data() + text.size())
      throw ConfigError(fmt::format("{}: {} is not the number of a part", variable, quote(text)));
    return checked(variable, part, parts);
  }
  return std::nullopt;
}

}  // namespace

std::vector<CLI::Option*> RowPartOptions::add_to(CLI::App& app, const std::string& verb) {
  CLI::Option* const parts_option =
      app.add_option("--parts", parts,
                     fmt::format("{} only one of N parts: a range of rows, all of about the same size", verb))
          ->transform(range(1U))
          ->type_name("N")
          ->default_str("");
  CLI::Option* const part_option = app.add_option("--part", part, kPartHelp)
                                       ->transform(range(0U))
                                       ->type_name("N")
                                       ->default_str("")
                                       ->needs(parts_option);
  return {parts_option, part_option};
}

PartOf RowPartOptions::value() const {
  if (!parts) return {};
  return {part_number(part, *parts), *parts};
}

std::uint32_t part_number(const std::optional<std::uint32_t>& given, std::uint32_t parts) {
  if (given) return checked("--part", *given, parts);
  const auto task = task_number(parts);
  if (!task)
    throw ConfigError(fmt::format("--part: the number of the part is missing, 0..{}", parts - 1),
                      "an array job sets it by SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX or AWS_BATCH_JOB_ARRAY_INDEX");
  return *task;
}

}  // namespace xmr::tools
