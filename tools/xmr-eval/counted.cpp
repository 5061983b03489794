#include "xmr-eval/counted.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/evaluate/counted.hpp"
#include "xmr/evaluate/details.hpp"
#include "xmr/evaluate/measure.hpp"
#include "xmr/io/file.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"

namespace xmr::tools {

void CountedOptions::add_to(CLI::App& app) {
  app.add_flag("--judged-only", judged_only, "Leaves out answers without an entry in -y");
  add_named(app, "--empty-rows", empty_rows, "Rows without a relevant label; default: keep, with a warning")
      ->type_name("WHICH");
  app.add_option("--per-row", per_row, "TSV to write: the metrics of each row")->type_name("FILE");
  app.add_option("--per-label", per_label, "TSV to write: coverage and macro metrics of each label")->type_name("FILE");
}

void CountedOptions::check(const std::vector<Metric>& metrics) const {
  if (!per_row.empty() && std::ranges::all_of(metrics, &Metric::is_pooled))
    throw ConfigError("--per-row: no metric is a sum over rows", "xmr-eval --metrics p@1 r@10 --per-row rows.tsv ...");
  if (!per_label.empty() &&
      std::ranges::none_of(metrics, [](const Metric& metric) { return metric.measure->of_label != nullptr; }))
    throw ConfigError("--per-label: needs coverage, macro-p, macro-r or macro-f1 among the metrics");
}

Counted::Counted(const CountedOptions& options, const Judgements& judgements, std::optional<Requests> requests,
                 Observer& observer)
    : options_(options), judgements_(judgements), truth_(judgements.y.view()), requests_(std::move(requests)) {
  const MatrixFile& truth = judgements.y;
  for (const PredictionFile& file : judgements.files)
    answers_.push_back(file.view());
  if (options.judged_only) {
    if (std::ranges::all_of(truth_.values, [](float weight) { return weight > 0; }))
      observer.warn(
          fmt::format("{}: no label is judged not relevant, so --judged-only leaves hits only", truth.name()));
    for (CsrView& answers : answers_)
      answers = owned_.emplace_back(judged_answers(truth_, answers));
  }
  std::vector<Row> rows = rows_with_truth(truth_);
  if (rows.size() == truth_.rows) return;
  if (options.empty_rows == EmptyRows::skip) {
    if (rows.empty()) throw DataError(truth.name(), "no row has a relevant label, at least one is needed");
    leave_out_empty_rows(std::move(rows));
  } else if (!options.empty_rows) {
    observer.warn(
        fmt::format("{}: {} of {} rows have no relevant label and gain 0; --empty-rows skip leaves them out, keep "
                    "counts them without this warning",
                    truth.name(), truth_.rows - rows.size(), truth_.rows));
  }
}

void Counted::leave_out_empty_rows(std::vector<Row> rows) {
  rows_ = std::move(rows);
  truth_ = owned_.emplace_back(select_rows(truth_, rows_));
  for (CsrView& answers : answers_)
    answers = owned_.emplace_back(select_rows(answers, rows_));
  if (!requests_) return;
  Requests some;
  for (const Row row : rows_) {
    some.previous.push_back(std::move(requests_->previous[row]));
    some.prefix.push_back(std::move(requests_->prefix[row]));
    some.next.push_back(std::move(requests_->next[row]));
  }
  requests_ = std::move(some);
}

void Counted::write_details(const EvaluationOptions& evaluation, Parallel& parallel) const {
  const auto write = [&](const std::string& path, const std::string& header, auto&& details) {
    if (path.empty()) return;
    OutputFile out(path);
    out.write(header);
    for (std::size_t f = 0; f < answers_.size(); ++f) {
      const Judged judged = judge(truth_, answers_[f], parallel);
      out.write(details(JudgedFile{judgements_.files[f].name(), judged}));
    }
    out.commit();
  };
  const auto row_name = [this](Row row) {
    const Row number = rows_.empty() ? row : rows_[row];
    return judgements_.ids ? std::string((*judgements_.ids)[number]) : fmt::format("{}", number);
  };
  const auto label_name = [this](LabelId label) {
    return judgements_.names ? std::string(judgements_.names->key(label)) : fmt::format("{}", label);
  };
  write(options_.per_row, row_details_header(evaluation.metrics), [&](const JudgedFile& file) {
    return row_details(file, evaluation.metrics, evaluation.inputs, row_name, parallel);
  });
  write(options_.per_label, label_details_header(evaluation.metrics),
        [&](const JudgedFile& file) { return label_details(file, evaluation.metrics, label_name); });
}

}  // namespace xmr::tools
