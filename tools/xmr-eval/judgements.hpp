#pragma once
// The truth of xmr-eval and the predictions to judge by it: matrices with row numbers and label ids, or files of TREC,
// whose queries and documents are numbered as they appear.

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/io/names.hpp"
#include "xmr/io/row_ids.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/observer.hpp"

namespace xmr::tools {

struct JudgementOptions {
  std::vector<std::string> predictions;
  std::string truth, truth_text, qrels, labels, ids;

  void add_to(CLI::App& app);
  // Returns true if labels have keys.
  bool has_keys() const { return !labels.empty() || !qrels.empty() || !truth_text.empty(); }
};

struct Judgements {
  MatrixFile y;
  std::optional<LabelNames> names;
  std::optional<RowIds> ids;
  std::vector<PredictionFile> files;
};

// Warns of queries of a run that the qrels do not have. Throws ConfigError unless exactly one truth is given; DataError
// if it has no rows, or if a file does not fit.
Judgements read_judgements(const JudgementOptions& options, const std::vector<std::string>& paths, Observer& observer);

}  // namespace xmr::tools
