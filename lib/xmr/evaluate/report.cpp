#include "xmr/evaluate/report.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "xmr/evaluate/score.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/json_file.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kLineWidth = 80;

std::string percent(double fraction) {
  return fmt::format("{:.2f}", 100 * fraction);
}

std::string percent(const std::optional<Interval>& interval) {
  return interval ? percent(interval->low) + "-" + percent(interval->high) : "";
}

// A column of a table. All columns of a table have the same number of cells.
struct Column {
  std::vector<std::string> cells;

  std::size_t width() const {
    std::size_t widest = 0;
    for (const std::string& cell : cells)
      widest = std::max(widest, cell.size());
    return widest;
  }
};

// Aligns the first column to the left and the others to the right.
std::string format_columns(const Column& first, std::span<const Column> others) {
  std::string text;
  for (std::size_t line = 0; line < first.cells.size(); ++line) {
    std::string row = fmt::format("{:<{}}", first.cells[line], first.width());
    for (const Column& column : others)
      row += fmt::format("  {:>{}}", column.cells[line], column.width());
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  }
  return text;
}

// Returns the length of the path that all names share, up to and including a "/", or 0.
std::size_t common_folder(std::span<const Report> reports) {
  const std::string_view first = reports[0].predictions;
  std::size_t length = first.rfind('/') + 1;
  for (const Report& report : reports) {
    const std::string_view name = report.predictions;
    while (length > 0 && !name.starts_with(first.substr(0, length)))
      length = length == 1 ? 0 : first.rfind('/', length - 2) + 1;
  }
  return length;
}

bool has_intervals(std::span<const Report> reports) {
  return std::ranges::any_of(reports[0].values, [](const MetricValue& v) { return v.interval.has_value(); });
}

bool has_differences(const Report& report) {
  return std::ranges::any_of(report.values, [](const MetricValue& v) { return v.difference.has_value(); });
}

// Formats the lines of a table below a value: the difference, its interval, p.
std::vector<std::string> lines_of(const std::optional<Difference>& difference) {
  if (!difference) return {"", "", ""};
  return {fmt::format("{:+.2f}", 100 * difference->value),
          fmt::format("{:+.2f}..{:+.2f}", 100 * difference->interval.low, 100 * difference->interval.high),
          fmt::format("{:.3f}", difference->p)};
}

// Scores the rows of options.rows.
RowScores scores_of(const Judged& judged, Metric metric, const EvaluationOptions& options, Parallel& parallel) {
  RowScores scores = score_rows(judged, metric, options.inputs, parallel);
  return options.rows.empty() ? scores : scores.of(options.rows);
}

bool has_groups(std::span<const Report> reports) {
  return std::ranges::any_of(reports, [](const Report& report) { return !report.group.empty(); });
}

}  // namespace

std::vector<MetricValue> evaluate(CsrView truth, CsrView ranked, const EvaluationOptions& options, Parallel& parallel) {
  const Judged judged = judge(truth, ranked, parallel);
  std::vector<MetricValue> values;
  for (const Metric metric : options.metrics) {
    if (metric.is_pooled()) {
      if (!options.rows.empty()) throw ConfigError(metric.name() + " is not a sum over rows and cannot be split");
      values.push_back({metric, score_pooled(judged, metric)});
      continue;
    }
    const RowScores scores = scores_of(judged, metric, options, parallel);
    values.push_back({metric, scores.value()});
    if (options.bootstrap) values.back().interval = bootstrap_interval(scores, *options.bootstrap, parallel);
  }
  return values;
}

void add_differences(std::vector<MetricValue>& values, CsrView truth, CsrView ranked, CsrView other,
                     const EvaluationOptions& options, Bootstrap bootstrap, Parallel& parallel) {
  const Judged ours = judge(truth, ranked, parallel), theirs = judge(truth, other, parallel);
  const auto scores = [&](const Judged& judged, Metric metric) { return scores_of(judged, metric, options, parallel); };
  for (MetricValue& value : values)
    if (!value.metric.is_pooled())
      value.difference =
          bootstrap_difference(scores(ours, value.metric), scores(theirs, value.metric), bootstrap, parallel);
}

namespace {

// Formats the table of one group of rows.
std::string table_of(std::span<const Report> reports) {
  const bool intervals = has_intervals(reports);
  const std::size_t folder = common_folder(reports);
  Column names{{""}};
  std::vector<Column> columns;
  for (const MetricValue& value : reports[0].values)
    columns.push_back({{value.metric.name()}});
  for (const Report& report : reports) {
    names.cells.push_back(report.predictions.substr(folder));
    if (intervals) names.cells.emplace_back();
    for (std::size_t m = 0; m < columns.size(); ++m) {
      columns[m].cells.push_back(percent(report.values[m].value));
      if (intervals) columns[m].cells.push_back(percent(report.values[m].interval));
    }
    if (!has_differences(report)) continue;
    names.cells.insert(names.cells.end(), {"  difference", "  95 %", "  p"});
    for (std::size_t m = 0; m < columns.size(); ++m)
      for (std::string& line : lines_of(report.values[m].difference))
        columns[m].cells.push_back(std::move(line));
  }

  std::string text;
  for (std::size_t begin = 0, end = 0; begin < columns.size(); begin = end) {
    std::size_t width = names.width();
    while (end < columns.size() && (end == begin || width + 2 + columns[end].width() <= kLineWidth))
      width += 2 + columns[end++].width();
    if (begin > 0) text += '\n';
    text += format_columns(names, std::span(columns).subspan(begin, end - begin));
  }
  return text;
}

}  // namespace

std::string format_table(std::span<const Report> reports) {
  std::string text;
  while (!reports.empty()) {
    const Report& first = reports.front();
    const auto is_other = [&](const Report& report) { return report.group != first.group; };
    const auto count = static_cast<std::size_t>(std::ranges::find_if(reports, is_other) - reports.begin());
    if (!text.empty()) text += '\n';
    if (!first.group.empty()) text += fmt::format("{}: {} rows\n", first.group, first.rows);
    text += table_of(reports.first(count));
    reports = reports.subspan(count);
  }
  return text;
}

std::string format_tsv(std::span<const Report> reports) {
  const bool intervals = has_intervals(reports);
  const bool differences = std::ranges::any_of(reports, has_differences);
  const bool groups = has_groups(reports);
  std::string text = groups ? "predictions\tgroup\trows" : "predictions";
  for (const MetricValue& value : reports[0].values) {
    const std::string name = value.metric.name();
    text += '\t' + name;
    if (intervals) text += fmt::format("\t{0}.low\t{0}.high", name);
    if (differences)
      text += fmt::format("\t{0}.difference\t{0}.difference.low\t{0}.difference.high\t{0}.difference.p", name);
  }
  text += '\n';
  for (const Report& report : reports) {
    text += report.predictions;
    if (groups) text += fmt::format("\t{}\t{}", report.group.empty() ? "all" : report.group, report.rows);
    for (const MetricValue& value : report.values) {
      text += fmt::format("\t{}", value.value);
      if (intervals && value.interval) text += fmt::format("\t{}\t{}", value.interval->low, value.interval->high);
      if (intervals && !value.interval) text += "\t\t";
      if (differences && !value.difference) text += "\t\t\t\t";
      if (const auto& d = value.difference)
        text += fmt::format("\t{}\t{}\t{}\t{}", d->value, d->interval.low, d->interval.high, d->p);
    }
    text += '\n';
  }
  return text;
}

std::string format_json(std::span<const Report> reports) {
  std::string text;
  for (const Report& report : reports) {
    Json object{{"predictions", report.predictions}};
    if (!report.group.empty()) object["group"] = report.group;
    object["rows"] = report.rows;
    Json intervals, differences;
    for (const MetricValue& value : report.values) {
      object[value.metric.name()] = value.value;
      if (value.interval) intervals[value.metric.name()] = {value.interval->low, value.interval->high};
      if (const auto& d = value.difference)
        differences[value.metric.name()] = {
            {"value", d->value}, {"interval", {d->interval.low, d->interval.high}}, {"p", d->p}};
    }
    if (!intervals.empty()) object["intervals"] = intervals;
    if (!differences.empty()) object["differences"] = differences;
    text += object.dump() + '\n';
  }
  return text;
}

}  // namespace xmr
