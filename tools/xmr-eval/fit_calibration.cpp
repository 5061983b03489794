// xmr-eval fit-calibration: probabilities for the scores of a model, and thresholds.

#include <optional>
#include <string>

#include <fmt/format.h>

#include "xmr/combine/calibration_fit.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/io/names.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-eval/commands.hpp"

namespace xmr::tools {
namespace {

struct CalibrationOptions {
  std::string predictions, truth, labels, model, output;
  std::optional<F1Goal> thresholds;

  void add_to(CLI::App& app) {
    app.add_option("PREDICTIONS", predictions, "Ranked labels: npz, TSV or JSON lines")->type_name("FILE")->required();
    app.add_option("-y,--y", truth, "Labels of the rows, a matrix")->type_name("FILE")->required();
    app.add_option("-o,--output", output, "Calibration to write, or with -m the model that holds it")
        ->type_name("FILE")
        ->required();
    app.add_option("--labels", labels, "labels.txt, if predictions name labels by their keys")->type_name("FILE");
    add_named(app, "--score-thresholds", thresholds, "F1 for which score thresholds are fitted; default: no thresholds")
        ->type_name("GOAL");
    app.add_option("-m,--model", model, "Model of the predictions; a copy of it that holds the calibration is written")
        ->type_name("FILE");
  }
};

void fit_curve(const CalibrationOptions& options, Run& run) {
  check_dash_once("stdin", {{options.predictions, options.truth, options.labels, options.model}});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  const MatrixFile truth(options.truth);
  const CsrView y = truth.view();
  std::optional<LabelNames> names;
  if (!options.labels.empty()) names = LabelNames::read(options.labels, y.cols, truth.name());
  const PredictionFile predictions(options.predictions, names ? &*names : nullptr, PredictionShape{y.rows, y.cols});
  const Calibration calibration = fit_calibration(predictions.view(), y, options.thresholds);
  if (options.model.empty()) {
    calibration.write(options.output);
  } else {
    const NpzFile model(options.model);
    static_cast<void>(model_type(model));
    calibration.write_into(model, options.output);
  }
  run.record("rows", y.rows);
  run.record("labels", y.cols);
  run.record("answers", predictions.view().nnz());
}

}  // namespace

void add_fit_calibration(Tool& tool) {
  tool.command("fit-calibration",
               "Fits the probability that an answer with a score is relevant, and thresholds. The rows must be neither "
               "training rows nor test rows.",
               "xmr-predict -m model.npz -x X-valid.npz -k 100 -o P.npz\n"
               "xmr-eval fit-calibration -y Y-valid.npz P.npz -m model.npz -o better.npz\n"
               "xmr-predict -m better.npz --min-score 0.5 test.txt",
               fit_curve);
}

}  // namespace xmr::tools
