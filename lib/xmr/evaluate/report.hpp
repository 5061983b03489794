#pragma once
// The figures of several prediction files, and how they are written down.
//
//   table   a line a file (named without the folders that all share), percent with two decimals, in blocks of columns
//           that fit 80 characters; intervals below, then differences, their intervals and p; a table for each group of
//           rows, with its name and size on top
//   TSV     a header, then a line a file; fractions; with intervals the columns "p@1.low" and "p@1.high" after "p@1",
//           with differences "p@1.difference", "p@1.difference.low", "p@1.difference.high" and "p@1.difference.p"; with
//           groups "group" and "rows" come after "predictions"
//   JSON    an object a line and file: {"predictions":"p.npz","rows":10,"p@1":0.5,"intervals":{"p@1":[0.2,0.8]}}, with
//           differences also {"differences":{"p@1":{"value":0.1,"interval":[0.02,0.18],"p":0.01}}}; of a group of rows
//           {"predictions":"p.npz","group":"prefix 1","rows":4, ...}
//
// Fractions are written in the fewest digits that read back equal.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/evaluate/bootstrap.hpp"
#include "xmr/evaluate/metric.hpp"
#include "xmr/evaluate/score.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct MetricValue {
  Metric metric;
  double value = 0;  // 0..1
  // Never for coverage: a sample of rows always covers fewer labels than all rows.
  std::optional<Interval> interval = {};
  std::optional<Difference> difference = {};  // from another file
};

struct Report {
  std::string predictions;  // the file's name
  std::uint64_t rows = 0;
  std::vector<MetricValue> values;
  std::string group = {};  // of rows; empty: all
};

struct EvaluationOptions {
  std::vector<Metric> metrics;
  MetricInputs inputs = {};
  std::optional<Bootstrap> bootstrap = {};  // intervals are wanted
  std::span<const Row> rows = {};           // that count; empty: all
};

// DataError unless `truth` and `ranked` have the same shape; ConfigError for a metric without its inputs, and for
// coverage of some rows.
std::vector<MetricValue> evaluate(CsrView truth, CsrView ranked, const EvaluationOptions& options, Parallel& parallel);

// Adds to the values of `ranked` how they differ from those of `other`. Errors as above.
void add_differences(std::vector<MetricValue>& values, CsrView truth, CsrView ranked, CsrView other,
                     const EvaluationOptions& options, Bootstrap bootstrap, Parallel& parallel);

// All reports hold the same metrics; those of a group of rows stand together.
std::string format_table(std::span<const Report> reports);
std::string format_tsv(std::span<const Report> reports);
std::string format_json(std::span<const Report> reports);

}  // namespace xmr
