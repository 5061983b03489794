#pragma once
// Options that say how several rankings become one, for xmr-predict and its command fuse.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/predict/model_set.hpp"

namespace xmr::tools {

struct CombineOptions {
  std::optional<FusionMethod> method;
  std::string weights;

  // Returns the options.
  std::vector<CLI::Option*> add_to(CLI::App& app);
  // Throws ConfigError if options contradict each other.
  void check() const;
  // Reads the weights. Throws DataError if they are of another number of lists.
  Combination combination(std::size_t lists) const;

 private:
  FusionMethod fusion_method() const;
};

}  // namespace xmr::tools
