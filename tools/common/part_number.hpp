#pragma once
// Which part of a job this process is: --part, or the number that a scheduler gives the tasks of an array job.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/util/part_of.hpp"

namespace xmr::tools {

// The help of --part.
inline constexpr const char* kPartHelp =
    "Which part, from 0; else SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX (Kubernetes) or AWS_BATCH_JOB_ARRAY_INDEX";

// `given`: --part, else the first of these variables that is set. ConfigError unless it is in 0..parts-1.
std::uint32_t part_number(const std::optional<std::uint32_t>& given, std::uint32_t parts);

// --part I/N, and --parts N for array jobs, of a command that works on a range of rows: `what` is done with them.
std::vector<CLI::Option*> add_part(CLI::App& app, PartOf& part, const std::string& what);

}  // namespace xmr::tools
