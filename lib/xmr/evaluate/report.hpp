#pragma once
// Metrics of several prediction files in three forms.
//
//   table   A line for each file, in percent with two decimals. Names omit the folders that all files share. Blocks of
//           columns fit 80 characters. Lines below a value: its interval, its difference, the interval of the
//           difference, p. Each group of rows has its own table, headed by its name and number of rows.
//   TSV     A header and a line for each file, in fractions. "p@1.low" and "p@1.high" follow "p@1" if there are
//           intervals. "p@1.difference", "p@1.difference.low", "p@1.difference.high" and "p@1.difference.p" follow if
//           there are differences. "group" and "rows" follow "predictions" if there are groups.
//   JSON    An object and a line for each file:
//           {"predictions":"p.npz","rows":10,"p@1":0.5,"intervals":{"p@1":[0.2,0.8]}}, with differences also
//           {"differences":{"p@1":{"value":0.1,"interval":[0.02,0.18],"p":0.01}}}; for a group of rows
//           {"predictions":"p.npz","group":"prefix 1","rows":4, ...}
//
// A fraction has the fewest digits that read back equal.

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
  // Absent for a pooled metric: a sample of rows covers fewer labels than all rows.
  std::optional<Interval> interval = {};
  std::optional<Difference> difference = {};  // from another file
};

struct Report {
  std::string predictions;  // the file's name
  std::uint64_t rows = 0;
  std::vector<MetricValue> values;
  std::string group = {};  // the name of the group of rows; empty: all rows
};

struct EvaluationOptions {
  std::vector<Metric> metrics;
  MetricInputs inputs = {};
  std::optional<Bootstrap> bootstrap = {};  // absent: no intervals
  std::span<const Row> rows = {};           // the rows to evaluate; empty: all
};

// If the shapes of `truth` and `ranked` differ, throws DataError. If a metric lacks its inputs, or a pooled metric is
// asked of some rows, throws ConfigError.
std::vector<MetricValue> evaluate(CsrView truth, CsrView ranked, const EvaluationOptions& options, Parallel& parallel);

// Sets the difference of each value of `ranked` from the value of `other`. Errors as above.
void add_differences(std::vector<MetricValue>& values, CsrView truth, CsrView ranked, CsrView other,
                     const EvaluationOptions& options, Bootstrap bootstrap, Parallel& parallel);

// All reports hold the same metrics. The reports of a group of rows are adjacent.
std::string format_table(std::span<const Report> reports);
std::string format_tsv(std::span<const Report> reports);
std::string format_json(std::span<const Report> reports);

}  // namespace xmr
