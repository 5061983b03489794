// xmr-eval fit-fusion: weights for the fusion of several prediction files.

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/combine/fusion_fit.hpp"
#include "xmr/io/names.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-eval/commands.hpp"

namespace xmr::tools {
namespace {

struct FusionOptions {
  std::vector<std::string> predictions;
  std::string truth, labels, output;

  void add_to(CLI::App& app) {
    app.add_option("PREDICTIONS", predictions, "Ranked labels of the same rows: npz, TSV or JSON lines")
        ->type_name("FILE")
        ->required();
    app.add_option("-y,--y", truth, "Labels of the rows, a matrix")->type_name("FILE")->required();
    app.add_option("-o,--output", output, "Weights to write")->type_name("FILE")->required();
    app.add_option("--labels", labels, "labels.txt, if predictions name labels by their keys")->type_name("FILE");
  }
};

void fit_weights(const FusionOptions& options, Run& run) {
  check_dash_once("stdin", {options.predictions, {options.truth, options.labels}});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  if (options.predictions.size() < 2) throw ConfigError("1 prediction file, but at least 2 are needed");
  const MatrixFile truth(options.truth);
  const CsrView y = truth.view();
  std::optional<LabelNames> names;
  if (!options.labels.empty()) names = LabelNames::read(options.labels, y.cols, truth.name());
  std::deque<PredictionFile> files;
  std::vector<CsrView> lists;
  for (const std::string& path : options.predictions) {
    files.emplace_back(path, names ? &*names : nullptr, PredictionShape{y.rows, y.cols});
    lists.push_back(files.back().view());
  }
  fit_fusion(lists, y, run.parallel()).write(options.output);
  run.record("rows", y.rows);
  run.record("labels", y.cols);
  run.record("files", files.size());
}

}  // namespace

void add_fit_fusion(Tool& tool) {
  tool.command("fit-fusion",
               "Fits weights of several predictions of the same rows, for xmr-predict fuse --weights. The rows must be "
               "neither training rows nor test rows.",
               "xmr-eval fit-fusion -y Y-valid.npz a-valid.npz b-valid.npz -o fusion.json\n"
               "xmr-predict fuse a-test.npz b-test.npz --weights fusion.json -o fused.npz",
               fit_weights);
}

}  // namespace xmr::tools
