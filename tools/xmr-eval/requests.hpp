#pragma once
// xmr-eval --pairs and --split: the requests behind the rows, and groups of rows that are judged by themselves.

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/evaluate/metric.hpp"
#include "xmr/evaluate/requests.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr::tools {

struct RequestOptions {
  std::string pairs, train_pairs, split;

  void add_to(CLI::App& app);
  // ConfigError for a file that is needed and was not given, or given and not needed.
  void check(const std::vector<Metric>& metrics, bool has_names, bool has_train_truth) const;
  // Of `rows` rows; nothing without --pairs. DataError for another number.
  std::optional<Requests> read_requests(Row rows) const;
  // `requests` are there where the split needs them, `train` is the path of the training rows' labels.
  std::vector<RowGroup> groups(const std::optional<Requests>& requests, CsrView truth, const std::string& train) const;
};

}  // namespace xmr::tools
