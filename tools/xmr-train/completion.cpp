// xmr-train completion: adds the counts of a log of queries, and fitted weights, to an XR-Linear model.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/complete/prefix.hpp"
#include "xmr/complete/session_counts.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/train/completion_fit.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "common/query_options.hpp"
#include "xmr-train/commands.hpp"
#include "xmr-train/session_rows.hpp"

namespace xmr::tools {
namespace {

struct CompletionTrainOptions {
  std::string model, labels, pairs, held_out, output;
  QueryOptions queries;

  void add_to(CLI::App& app) {
    const auto file = [&app](const char* name, std::string& value, const char* text) {
      return app.add_option(name, value, text)->type_name("FILE");
    };
    file("-m,--model", model,
         "XR-Linear model over the columns previous and prefix, trained with -f and --labels; default: none, which "
         "needs --labels");
    file("--labels", labels,
         "labels.txt of xmr-featurize sessions; columns 4 and 5 are categories, separated by commas, and a weight of "
         "the label");
    file("--pairs", pairs,
         "Rows (previous, prefix, next, with sessions --times the time) that the model was trained on; their pairs are "
         "counted")
        ->required();
    file("--valid", held_out, "Rows (previous, prefix, next) that the model has not seen; fit the weights of evidence")
        ->required();
    file("-o,--output", output, "Model to write")->required();
    queries.add_to(app, "Queries");
  }
};

struct Counts {
  SessionTables tables;
  std::uint64_t rows = 0, unknown = 0;
};

// `later`: held-out rows.
Counts count_sessions(const std::string& path, const StringTable& keys, std::span<const CompletionRow> later,
                      Run& run) {
  const Phase phase(run.observer(), "count", 0, "rows");
  SessionCounter counter(keys);
  std::uint64_t rows = 0, unknown = 0;
  SessionRowReader log(path);
  const auto count = [&](const CompletionRow& row) {
    ++rows;
    if (!counter.add(row.previous, row.next, row.time)) ++unknown;
  };
  for (LineBlock block; log.next(block, count);)
    if (run.observer().cancelled()) throw Interrupted();
  if (unknown == rows) throw DataError(log.name(), "no row has a label as its next query");
  std::vector<LabelId> asked;
  for (const CompletionRow& row : later)
    if (const auto label = find_key(keys, row.next)) asked.push_back(*label);
  return {counter.tables(asked), rows, unknown};
}

void train_completion(const CompletionTrainOptions& options, Run& run) {
  check_dash_once("stdin", {{options.model, options.labels, options.pairs, options.held_out}});
  if (options.model.empty() && options.labels.empty())
    throw ConfigError("-m or --labels is required", "xmr-train completion --help lists the options");
  check_dash_once("stdout", {{options.output, run.common().stats}});
  std::optional<XrLinearModel> linear;
  std::optional<LabelNames> labels;
  if (!options.labels.empty()) labels.emplace(LabelNames::read(options.labels));
  if (!options.model.empty()) linear.emplace(XrLinearModel::open(options.model));
  const StoredNames names = linear ? linear->names() : labels->stored();
  if (names.empty()) throw DataError(linear->name(), "the model has no label names", "train it with --labels");
  const SessionRows held_out = SessionRows::read(options.held_out);
  const Counts counts = count_sessions(options.pairs, names.keys, held_out.rows, run);
  const QueryForm form = options.queries.form();
  const CompletionModel model = linear ? CompletionModel(std::move(*linear), counts.tables, form)
                                       : CompletionModel(options.labels, names, counts.tables, form);
  const LabelCatalogTable catalog =
      labels ? LabelCatalogTable(options.labels, *labels, names.keys) : LabelCatalogTable();
  NpzWriter out(options.output);
  const CompletionFit fit = fit_completion(model, held_out.rows, run.parallel());
  {
    const Phase phase(run.observer(), "write", 0, "bytes");
    write_model(std::move(out), model, counts.tables, catalog, fit.weights,
                {{"pairs", counts.rows - counts.unknown}, {"fitted_rows", fit.rows}});
  }
  if (counts.unknown > 0)
    run.observer().warn(
        fmt::format("{} of {} pairs do not lead to a label and are not counted", counts.unknown, counts.rows));
  run.record("rows", counts.rows);
  run.record("labels", model.labels());
  run.record("unknown_next", counts.unknown);
  run.record("held_out_rows", held_out.rows.size());
  run.record("half_life_seconds", model.recent().half_life());
  run.record("fitted_rows", fit.rows);
  run.record("fitted_loss", fit.mean_loss);
}

}  // namespace

void add_completion(Tool& tool) {
  tool.command("completion",
               "Counts the queries of a log, for a model that completes queries, with or without XR-Linear. "
               "xmr-featurize sessions makes the rows.",
               "xmr-featurize sessions -o train.tsv --labels labels.txt \\\n"
               "  --valid valid.tsv --valid-share 0.1 log.tsv\n"
               "xmr-train completion -m linear.npz --pairs train.tsv \\\n"
               "  --valid valid.tsv -o model.npz",
               train_completion);
}

}  // namespace xmr::tools
