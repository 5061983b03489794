#pragma once
// -x of the tools that train: one matrix of features, or several side by side.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/sparse/joined_features.hpp"
#include "xmr/util/observer.hpp"

namespace xmr::tools {

struct FeatureOptions {
  std::vector<std::string> paths;
  std::vector<std::string> norms = {"auto"};
  std::vector<float> weights = {1};

  void add_to(CLI::App& app);

  // Throws ConfigError if there are several matrices: `option` reads texts, and a text makes one matrix.
  void require_single(const char* option) const;
  // `makes_text_model`: the model also reads texts, by a vectorizer that makes the features of X, so "auto" is no norm.
  // Warns `observer` if rows are divided by their length though no norm was given.
  MatrixFile read(Observer& observer, bool makes_text_model, MatrixFile::Check check = MatrixFile::Check::all) const;
};

}  // namespace xmr::tools
