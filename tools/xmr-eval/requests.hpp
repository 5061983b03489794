#pragma once
// xmr-eval --pairs and --split: the requests of the rows, and groups of rows with metrics of their own.

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/evaluate/metric.hpp"
#include "xmr/evaluate/requests.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/enum_names.hpp"

namespace xmr {
namespace tools {

// Groups of rows that metrics are computed for as well.
enum class Split { prefix_length, seen_previous, seen_pair, label_frequency };

}  // namespace tools

template <>
struct EnumNames<tools::Split> {
  static constexpr EnumName<tools::Split> kTable[] = {
      {tools::Split::prefix_length, "prefix-length", "by characters typed"},
      {tools::Split::seen_previous, "seen-previous", "by whether --train-pairs has the previous query"},
      {tools::Split::seen_pair, "seen-pair", "by whether --train-pairs has the pair"},
      {tools::Split::label_frequency, "label-frequency", "by rows of the label in --train-y"},
  };
};

namespace tools {

struct RequestOptions {
  std::string pairs, train_pairs;
  std::optional<Split> split;

  void add_to(CLI::App& app);
  // Throws ConfigError if a file is missing, or if nothing reads it.
  void check(const std::vector<Metric>& metrics, bool has_names, bool has_train_truth) const;
  // Reads the requests; std::nullopt without --pairs. Throws DataError unless there are `rows` of them.
  std::optional<Requests> read_requests(Row rows) const;
  // Returns the groups of --split. `train`: the path of the labels of the training rows.
  std::vector<RowGroup> groups(const std::optional<Requests>& requests, CsrView truth, const std::string& train) const;
};

}  // namespace tools
}  // namespace xmr
