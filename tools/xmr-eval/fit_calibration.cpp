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
  std::string predictions, truth, labels, thresholds, model, output;

  void add_to(CLI::App& app) {
    app.add_option("PREDICTIONS", predictions, "Ranked labels: npz, TSV or JSON lines")->type_name("FILE")->required();
    app.add_option("-y,--y", truth, "Labels of the rows, a matrix")->type_name("FILE")->required();
    app.add_option("-o,--output", output, "Where the calibration goes, or the model with it")
        ->type_name("FILE")
        ->required();
    app.add_option("--labels", labels, "labels.txt, when predictions name labels by their keys")->type_name("FILE");
    app.add_option("--score-thresholds", thresholds,
                   "Also fits the score from which a label is an answer, for the best F1 over rows or over labels")
        ->type_name("GOAL")
        ->check(one_of({"micro-f1", "macro-f1"}));
    app.add_option("-m,--model", model, "The model of the predictions: what is written is a copy of it that answers so")
        ->type_name("FILE");
  }

  std::optional<F1Goal> goal() const {
    if (thresholds.empty()) return std::nullopt;
    return thresholds == "micro-f1" ? F1Goal::micro : F1Goal::macro;
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
  const Calibration calibration = fit_calibration(predictions.view(), y, options.goal());
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
               "Learns how probable it is that an answer with some score is relevant, and thresholds if wanted. The "
               "rows must not be among those that the model was trained on, nor those that the result is judged by.",
               "xmr-predict -m model.npz -x X-valid.npz -k 100 -o P.npz\n"
               "xmr-eval fit-calibration -y Y-valid.npz P.npz -m model.npz -o better.npz\n"
               "xmr-predict -m better.npz --min-score 0.5 test.txt",
               fit_curve);
}

}  // namespace xmr::tools
