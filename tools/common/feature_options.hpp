#pragma once
// -x of the tools that learn: one matrix of features, or several side by side.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/sparse/side_by_side.hpp"

namespace xmr::tools {

struct FeatureOptions {
  std::vector<std::string> paths;
  std::vector<std::string> norms = {"none"};
  std::vector<float> weights = {1};

  // Returns the options, -x first.
  std::vector<CLI::Option*> add_to(CLI::App& app);

  bool empty() const { return paths.empty(); }
  // ConfigError for several matrices, of which a text would make only one; `option` is what asks for texts.
  void require_single(const char* option) const;
  MatrixFile read(MatrixFile::Check check = MatrixFile::Check::all) const;
};

}  // namespace xmr::tools
