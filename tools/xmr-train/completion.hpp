#pragma once
// xmr-train --model completion: counts and fitted weights beside a linear model.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/query_options.hpp"
#include "common/tool.hpp"

namespace xmr::tools {

struct CompletionTrainOptions {
  std::string linear, pairs, held_out;
  QueryOptions queries;

  // Returns the options that only this kind of model has.
  std::vector<const CLI::Option*> add_to(CLI::App& app);
  // ConfigError if one is missing.
  void check() const;
};

void train_completion(const CompletionTrainOptions& options, const std::string& output, Run& run);

}  // namespace xmr::tools
