#pragma once
// The values of single rows and of single labels as TSV, with a header.
//
//   row_details     predictions, row, relevant, answers, then the metrics that are sums over rows:
//                   p.npz<TAB>0<TAB>3<TAB>10<TAB>1<TAB>0.25
//   label_details   predictions, label, rows, then the metrics that are means over labels; labels that are relevant to
//                   some row, or answered in one
//
// The value of a row is gained / attainable (score.hpp), or 0 if nothing is attainable. A number has the fewest digits
// that read back equal. Thread rule: pure functions.

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "xmr/evaluate/metric.hpp"
#include "xmr/evaluate/score.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The judged answers of one file.
struct JudgedFile {
  std::string_view name;
  const Judged& judged;
};

using RowName = std::function<std::string(Row)>;
using LabelName = std::function<std::string(LabelId)>;

std::string row_details_header(std::span<const Metric> metrics);
std::string label_details_header(std::span<const Metric> metrics);

// Metrics of the other kind are left out. If an input of a metric is missing, throws ConfigError (score_rows).
std::string row_details(const JudgedFile& file, std::span<const Metric> metrics, const MetricInputs& inputs,
                        const RowName& name, Parallel& parallel);
std::string label_details(const JudgedFile& file, std::span<const Metric> metrics, const LabelName& name);

}  // namespace xmr
