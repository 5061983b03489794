// xmr-eval: metrics of ranked labels against the truth.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/evaluate/measure.hpp"
#include "xmr/evaluate/propensity.hpp"
#include "xmr/evaluate/report.hpp"
#include "xmr/io/names.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

#include "common/options.hpp"
#include "common/tool.hpp"
#include "xmr-eval/commands.hpp"
#include "xmr-eval/counted.hpp"
#include "xmr-eval/judgements.hpp"
#include "xmr-eval/requests.hpp"
#include "xmr-eval/side_by_side.hpp"

namespace xmr {
namespace tools {
namespace {

enum class ReportForm { table, tsv, json };

}  // namespace
}  // namespace tools

template <>
struct EnumNames<tools::ReportForm> {
  static constexpr EnumName<tools::ReportForm> kTable[] = {
      {tools::ReportForm::table, "table"},
      {tools::ReportForm::tsv, "tsv"},
      {tools::ReportForm::json, "json"},
  };
};

namespace tools {
namespace {

bool reads_propensities(const Metric& metric) {
  return metric.measure->reads.propensities;
}

struct EvalOptions {
  JudgementOptions judgements;
  std::string train_truth;
  std::vector<std::string> metrics{"p@1,3,5", "r@10", "ndcg@5", "mrr@10"};
  ReportForm format = ReportForm::table;
  std::uint32_t bootstrap = 0;
  bool compare = false;
  PropensityModel propensity;
  RequestOptions requests;
  CountedOptions counted;
  SideBySideOptions side_by_side;

  void add_to(CLI::App& app) {
    judgements.add_to(app);
    app.add_option("--metrics", metrics,
                   fmt::format("Metrics, each as name@k or name@k,k,...; names: {}; prediction files come before this "
                               "option",
                               fmt::join(measure_names(), ", ")))
        ->type_name("NAME@K")
        ->default_str("p@1,3,5 r@10 ndcg@5 mrr@10");
    app.add_option("--bootstrap", bootstrap, "Number of samples of the rows for 95 % intervals; 0: no intervals")
        ->transform(range(0U, 1000000U));
    app.add_flag("--compare", compare,
                 "Prints the difference of each file from the first, with 95 % interval and p, from the samples of "
                 "--bootstrap, or 1000; a sample has the same rows of all files");
    add_named(app, "--format", format, "Format of the result")->type_name("FORMAT");
    counted.add_to(app);
    app.add_option("--train-y", train_truth,
                   "Labels of the training rows, a matrix; for psp, psndcg and --split label-frequency")
        ->type_name("FILE")
        ->group("Propensities");
    app.add_option("--propensity-a", propensity.a, "Parameter A of the propensity model (Jain et al., 2016)")
        ->transform(range(0.0, 10.0))
        ->group("Propensities");
    app.add_option("--propensity-b", propensity.b, "Parameter B of the propensity model")
        ->transform(range(1e-3, 1e6))
        ->group("Propensities");
    requests.add_to(app);
    side_by_side.add_to(app);
    for (const char* name :
         {"--metrics", "--bootstrap", "--compare", "--format", "--judged-only", "--empty-rows", "--per-row",
          "--per-label", "--train-y", "--propensity-a", "--propensity-b", "--pairs", "--train-pairs", "--split"})
      metric_options_.push_back(app.get_option(name));
  }

  bool shows_metrics() const { return side_by_side.output != "-"; }
  // Throws ConfigError if an option was given that no other option reads.
  void check_read() const {
    const std::vector<Metric> wanted = parse_metrics(metrics);
    const bool has_propensities = std::ranges::any_of(wanted, reads_propensities);
    for (const CLI::Option* option : metric_options_) {
      if (option->count() == 0) continue;
      const std::string name = option->get_name();
      if (!shows_metrics())
        throw ConfigError(fmt::format("{}: --side-by-side - shows answers in place of metrics", name));
      if (!has_propensities && name.starts_with("--propensity"))
        throw ConfigError(fmt::format("{}: neither psp nor psndcg is among the metrics", name));
    }
    if (!has_propensities && requests.split != Split::label_frequency && !train_truth.empty())
      throw ConfigError("--train-y: needs psp or psndcg among the metrics, or --split label-frequency");
    counted.check(wanted);
  }

 private:
  std::vector<const CLI::Option*> metric_options_;
};

std::vector<double> propensities(const EvalOptions& options, const Judgements& truth) {
  if (options.train_truth.empty()) return {};
  const MatrixFile train(options.train_truth);
  if (train.view().cols != truth.y.view().cols)
    throw DataError(train.name(),
                    fmt::format("{} labels, but {} has {}", train.view().cols, truth.y.name(), truth.y.view().cols));
  return inverse_propensities(train.view(), options.propensity);
}

void check_use(const EvalOptions& options, const std::vector<std::string>& predictions) {
  const JudgementOptions& judgements = options.judgements;
  if (options.compare && predictions.size() < 2) throw ConfigError("--compare needs at least two files");
  check_dash_once("stdin", {predictions,
                            {judgements.truth, judgements.truth_text, judgements.qrels, judgements.labels,
                             judgements.ids, options.train_truth, options.side_by_side.texts, options.requests.pairs,
                             options.requests.train_pairs}});
  for (const std::string& word : options.metrics)
    if (word.find('@') == std::string::npos && std::filesystem::exists(word))
      throw ConfigError(fmt::format("--metrics: {} is a file, not a metric", quote(word)),
                        "prediction files come before --metrics");
  options.check_read();
  options.requests.check(parse_metrics(options.metrics), judgements.has_keys(), !options.train_truth.empty());
  for (const Metric metric : parse_metrics(options.metrics))
    if (reads_propensities(metric) && options.train_truth.empty())
      throw ConfigError(metric.name() + " needs --train-y", "propensities are computed from the training rows");
}

// Warns if a metric reads more answers than any row has.
void warn_of_short_lists(const PredictionFile& predictions, const std::vector<Metric>& metrics, Observer& observer) {
  const CsrView ranked = predictions.view();
  std::uint64_t longest = 0;
  for (Row r = 0; r < ranked.rows; ++r)
    longest = std::max<std::uint64_t>(longest, ranked.row(r).size());
  const auto deepest = std::ranges::max_element(metrics, {}, &Metric::k);
  if (deepest->k > longest && longest < ranked.cols)
    observer.warn(fmt::format("{}: {} was asked for, but no row has more than {} answers", predictions.name(),
                              deepest->name(), longest));
}

// Warns if the rows without answers seem to be other parts, which text does not record.
void warn_of_missing_rows(const PredictionFile& predictions, Observer& observer) {
  constexpr Row kFew = 10;  // may have no answers for any reason
  const CsrView ranked = predictions.view();
  Row begin = ranked.rows, end = 0, longest = 0;  // of rows with answers; the longest gap between them
  for (Row row = 0; row < ranked.rows; ++row) {
    if (ranked.row(row).size() == 0) continue;
    if (begin == ranked.rows)
      begin = row;
    else
      longest = std::max(longest, row - end);
    end = row + 1;
  }
  const Row missing = std::max(begin, ranked.rows - end);
  if (end > 0 && missing >= kFew && missing > longest)
    observer.warn(fmt::format("{}: only rows {}..{} of {} have answers; other files may hold the rest",
                              predictions.name(), begin, end - 1, ranked.rows));
}

// Warns if scores rise with the rank in half of the rows with several answers: distances, or ranks of something else.
void warn_of_rising_scores(const PredictionFile& predictions, Observer& observer) {
  constexpr float kRounding = 1e-3F;  // relative; scores are rounded products
  const CsrView ranked = predictions.view();
  Row several = 0, rising = 0, first = 0;
  for (Row row = 0; row < ranked.rows; ++row) {
    const std::span<const float> scores = ranked.row(row).values;
    if (scores.size() < 2) continue;
    ++several;
    const float low = scores.front(), high = scores.back();
    if (high - low <= kRounding * std::max(std::abs(low), std::abs(high))) continue;
    if (rising++ == 0) first = row;
  }
  if (rising > 0 && rising >= several / 2)
    observer.warn(
        fmt::format("{}: the last answer of row {} has a larger score than the first, and so in {} rows; answers "
                    "count in the order of the file, not by score",
                    predictions.name(), first, rising));
}

std::string formatted(const std::vector<Report>& reports, ReportForm form) {
  switch (form) {
    case ReportForm::table:
      return format_table(reports);
    case ReportForm::tsv:
      return format_tsv(reports);
    case ReportForm::json:
      return format_json(reports);
  }
  return {};  // not reached
}

void print_metrics(const EvalOptions& options, const Judgements& truth, Run& run) {
  const std::vector<PredictionFile>& files = truth.files;
  const std::vector<double> inverse_propensities = propensities(options, truth);
  const Counted counted(options.counted, truth, options.requests.read_requests(truth.y.view().rows), run.observer());
  const std::optional<Requests>& requests = counted.requests();
  EvaluationOptions evaluation;
  evaluation.metrics = parse_metrics(options.metrics);
  evaluation.inputs = {.inverse_propensities = inverse_propensities, .requests = requests ? &*requests : nullptr};
  if (truth.names) evaluation.inputs.key = [&truth](LabelId label) { return truth.names->key(label); };
  if (options.bootstrap > 0) evaluation.bootstrap = Bootstrap{options.bootstrap, run.common().seed};
  const CsrView y = counted.truth();
  std::vector<RowGroup> groups = options.requests.groups(requests, y, options.train_truth);
  groups.insert(groups.begin(), RowGroup());  // all rows
  const Bootstrap paired{options.bootstrap > 0 ? options.bootstrap : 1000, run.common().seed};
  std::vector<Report> reports;
  {
    const Phase phase(run.observer(), "evaluate", groups.size() * files.size(), "files");
    for (const PredictionFile& file : files) {
      warn_of_short_lists(file, evaluation.metrics, run.observer());
      warn_of_missing_rows(file, run.observer());
      warn_of_rising_scores(file, run.observer());
    }
    for (const RowGroup& group : groups) {
      evaluation.rows = group.rows;
      for (std::size_t f = 0; f < files.size(); ++f) {
        std::vector<MetricValue> values = evaluate(y, counted.answers(f), evaluation, run.parallel());
        if (options.compare && f > 0)
          add_differences(values, y, counted.answers(f), counted.answers(0), evaluation, paired, run.parallel());
        reports.push_back(
            {files[f].name(), group.rows.empty() ? y.rows : group.rows.size(), std::move(values), group.name});
        run.observer().advance(1);
      }
    }
  }
  counted.write_details(evaluation, run.parallel());
  OutputFile out("-");
  out.write(formatted(reports, options.format));
  out.commit();
}

void run(const EvalOptions& options, Run& run) {
  const std::vector<std::string> paths = inputs_or_stdin(options.judgements.predictions);
  check_use(options, paths);
  check_dash_once("stdout", {{options.shows_metrics() ? "-" : "", options.side_by_side.output, options.counted.per_row,
                              options.counted.per_label, run.common().stats}});
  const Judgements truth = read_judgements(options.judgements, paths, run.observer());
  const CsrView y = truth.y.view();
  if (options.side_by_side.is_wanted())
    write_side_by_side(options.side_by_side, y, truth.files, truth.names ? &*truth.names : nullptr, run.common().seed);
  if (options.shows_metrics()) print_metrics(options, truth, run);
  run.record("rows", y.rows);
  run.record("labels", y.cols);
  run.record("files", truth.files.size());
}

}  // namespace
}  // namespace tools
}  // namespace xmr

int main(int argc, char** argv) {
  using namespace xmr::tools;
  Tool tool("xmr-eval",
            "Measures ranked labels against the truth: precision, recall, nDCG, MAP, MRR, propensity-scored precision "
            "and coverage of the first k answers, for one or several prediction files.",
            "xmr-predict -m model.npz -x X.npz -k 100 -o p.npz\n"
            "xmr-eval -y Y.npz p.npz --metrics p@1,3,5 r@10,100\n"
            "xmr-eval --qrels qrels.txt run.trec --metrics map@1000 ndcg-linear@10");
  tool.command(run);
  add_fit_calibration(tool);
  add_fit_fusion(tool);
  return tool.main(argc, argv);
}
