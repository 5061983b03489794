// xmr-predict fuse: one prediction file of several of the same rows.

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/combine/fusion.hpp"
#include "xmr/distributed/part_origin.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "common/options.hpp"
#include "xmr-predict/combine_options.hpp"
#include "xmr-predict/commands.hpp"
#include "xmr-predict/options.hpp"

namespace xmr::tools {
namespace {

struct FuseOptions {
  std::vector<std::string> predictions;
  CombineOptions combine;
  std::string labels, output = "-";
  std::optional<PredictionForm> format;
  std::uint32_t k = 10;

  void add_to(CLI::App& app) {
    app.add_option("PREDICTIONS", predictions, "Ranked labels of the same rows: npz, TSV or JSON lines")
        ->type_name("FILE")
        ->required();
    combine.add_to(app);
    app.add_option("--labels", labels, "labels.txt, if predictions name labels by their keys")->type_name("FILE");
    app.add_option("-k,--top", k, "Number of answers to an instance")
        ->transform(range(1U, static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())));
    app.add_option("-o,--output", output, "Answers to write; - is stdout")->type_name("FILE")->group("Output");
    add_format(app, format)->group("Output");
  }

  void check() const {
    check_dash_once("stdin", {predictions, {combine.weights, labels}});
    if (predictions.size() < 2) throw ConfigError("1 prediction file, but at least 2 are needed");
    combine.check();
  }
};

// Returns the largest shape: a TSV does not tell rows and labels after its last answer.
PredictionShape common_shape(const std::deque<PredictionFile>& files) {
  PredictionShape shape;
  for (const PredictionFile& file : files) {
    shape.rows = std::max(shape.rows, file.view().rows);
    shape.labels = std::max(shape.labels, file.view().cols);
  }
  return shape;
}

// Records the part of the rows that all files hold, if they are parts. Text does not record it.
void record_common_part(const std::deque<PredictionFile>& files, PredictionWriter::Options& written) {
  const PartOrigin first(files.front().name(), files.front().content());
  Fingerprint of;
  for (const PredictionFile& file : files) {
    require_whole_model(file);
    const PartOrigin origin(file.name(), file.content());
    require_same_part(origin, first);
    of.add(origin.of);
  }
  if (written.form != PredictionForm::npz) require_numbered_rows(first);
  record_part(first.part, of.hex(), written.content);
}

void fuse(const FuseOptions& options, Run& run) {
  options.check();
  check_dash_once("stdout", {{options.output, run.common().stats}});
  const Combination combination = options.combine.combination(options.predictions.size());
  Fusion fusion = combination.fusion(options.predictions.size(), options.k);
  std::optional<LabelNames> names;
  if (!options.labels.empty()) names = LabelNames::read(options.labels);
  std::deque<PredictionFile> files;
  for (const std::string& path : options.predictions)
    files.emplace_back(path, names ? &*names : nullptr);
  const PredictionShape shape = common_shape(files);

  PredictionWriter::Options written{.form = form_of(options.format, options.output), .labels = shape.labels};
  if (names) written.key = [&names](LabelId label) { return names->key(label); };
  written.content = Json{{"combine", name_of(combination.method)}, {"k", options.k}};
  record_common_part(files, written);
  PredictionWriter out(options.output, std::move(written));
  const Phase phase(run.observer(), "fuse", shape.rows, "rows");
  std::vector<SparseRow> lists(files.size());
  for (Row row = 0; row < shape.rows; ++row) {
    if (run.observer().cancelled()) throw Interrupted();
    for (std::size_t i = 0; i < files.size(); ++i)
      lists[i] = row < files[i].view().rows ? files[i].view().row(row) : SparseRow{};
    out.write(fusion(lists));
    run.observer().advance(1);
  }
  out.commit();
  run.record("rows", shape.rows);
  run.record("files", files.size());
}

}  // namespace

void add_fuse(Tool& tool) {
  tool.command(
      "fuse",
      "Joins several predictions of the same rows into one ranking: of trees with different seeds, of models with "
      "different features, of other programs.",
      "xmr-predict -m one.npz -k 100 -o a.npz test.txt\n"
      "xmr-predict -m two.npz -k 100 -o b.npz test.txt\n"
      "xmr-predict fuse a.npz b.npz --combine rrf -o fused.npz",
      fuse);
}

}  // namespace xmr::tools
