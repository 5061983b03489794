#pragma once
// xmr-train --model bm25: an index of the words of labels.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/lexical/bm25_postings.hpp"

#include "common/tool.hpp"
#include "xmr-train/inputs.hpp"

namespace xmr::tools {

struct Bm25TrainOptions {
  Bm25Options weighting;
  std::string documents = "rows";

  // Returns the options that only this kind of model has.
  std::vector<const CLI::Option*> add_to(CLI::App& app);
};

void train_bm25(const TrainPaths& paths, const Bm25TrainOptions& options, Run& run);

}  // namespace xmr::tools
