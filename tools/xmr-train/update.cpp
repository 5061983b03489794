// xmr-train update: adds a new log to a completion model, and removes labels from it, in seconds.

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/combine/calibration.hpp"
#include "xmr/io/label_set.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/train/completion_update.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-train/commands.hpp"
#include "xmr-train/session_rows.hpp"

namespace xmr::tools {
namespace {

struct UpdateOptions {
  std::string model, pairs, removed, output;
  double kept = 1;

  void add_to(CLI::App& app) {
    app.add_option("-m,--model", model, "Completion model to update")->type_name("FILE")->required();
    app.add_option("--pairs", pairs,
                   "Rows (previous, prefix, next, perhaps the time) of the new log; their counts are added")
        ->type_name("FILE");
    app.add_option("--remove", removed, "Labels that are never to be answers again, one a line")->type_name("FILE");
    app.add_option("--keep", kept, "Share of the old counts that is kept; with a log a day, 0.9 halves them in a week")
        ->transform(range(0.0, 1.0));
    app.add_option("-o,--output", output, "Model to write")->type_name("FILE")->required();
  }
};

void update(const UpdateOptions& options, Run& run) {
  check_dash_once("stdin", {{options.model, options.pairs, options.removed}});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  if (options.pairs.empty() && options.removed.empty() && options.kept == 1)
    throw ConfigError("--pairs, --remove or --keep is required", "xmr-train update --help lists the options");
  const CompletionModel model = CompletionModel::open(options.model);
  if (Calibration::find(model.file()))
    throw DataError(model.name(), "is calibrated", "update the model before xmr-eval fit-calibration");
  std::vector<bool> removed;
  if (!options.removed.empty()) {
    const LabelNames names = LabelNames::of(model.names());
    LabelSet set = read_label_set(options.removed, &names, names.size());
    if (set.unknown > 0)
      run.observer().warn(
          fmt::format("keys that no label of the model has: {}; the first: {}", set.unknown, set.first_unknown));
    removed = std::move(set.has);
  }
  const SessionRows log = options.pairs.empty() ? SessionRows() : SessionRows::read(options.pairs);
  NpzWriter out(options.output);
  const CompletionUpdate updated(model, log.rows, removed, options.kept);
  {
    const Phase phase(run.observer(), "write", 0, "bytes");
    updated.write(std::move(out), model);
  }
  run.record("rows", log.rows.size());
  run.record("labels", updated.labels());
  run.record("new_labels", updated.new_labels());
}

}  // namespace

void add_update(Tool& tool) {
  tool.command("update",
               "Adds the counts of a new log to a completion model, and removes labels from it, without training. New "
               "queries become labels that the tree does not know.",
               "xmr-featurize sessions -o today.tsv today.log\n"
               "xmr-train update -m model.npz --pairs today.tsv -o new.npz",
               update);
}

}  // namespace xmr::tools
