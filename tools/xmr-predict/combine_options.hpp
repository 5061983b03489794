#pragma once
// How several rankings become one: the options that xmr-predict and its command fuse share.

#include <cstddef>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/predict/model_set.hpp"

namespace xmr::tools {

struct CombineOptions {
  std::string method, weights;

  // Returns the options.
  std::vector<CLI::Option*> add_to(CLI::App& app);
  // ConfigError for what makes no sense together.
  void check() const;
  // With the weights read. DataError if these are of another number of lists.
  Combination combination(std::size_t lists) const;

 private:
  FusionMethod fusion_method() const;
};

}  // namespace xmr::tools
