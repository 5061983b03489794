#pragma once
// The number of the part of a job that this process does: --part, or the number of the task of an array job.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/util/part_of.hpp"

namespace xmr::tools {

// The help of --part.
inline constexpr const char* kPartHelp =
    "Number of the part, from 0; default in array jobs: SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX (Kubernetes) or "
    "AWS_BATCH_JOB_ARRAY_INDEX";

// Returns `given` (--part), else the first of these variables that is set. Throws ConfigError unless the number is in
// 0..parts-1.
std::uint32_t part_number(const std::optional<std::uint32_t>& given, std::uint32_t parts);

// --part and --parts of a command that works on a range of rows.
struct RowPartOptions {
  std::optional<std::uint32_t> part, parts;

  // `verb` starts the help: "Counts". Returns the options.
  std::vector<CLI::Option*> add_to(CLI::App& app, const std::string& verb);

  bool is_given() const { return parts.has_value(); }
  // Returns the whole if --parts was not given. Throws ConfigError as part_number() does.
  PartOf value() const;
};

}  // namespace xmr::tools
