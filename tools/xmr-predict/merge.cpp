// xmr-predict merge: what the shards of a model answered, as the answers of the whole model.

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/distributed/part_origin.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/predict/shard_merge.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-predict/commands.hpp"
#include "xmr-predict/options.hpp"

namespace xmr::tools {
namespace {

struct MergeOptions {
  std::vector<std::string> parts;
  std::string labels, output = "-";
  std::optional<PredictionForm> format;

  void add_to(CLI::App& app) {
    app.add_option("PART", parts, "Files of xmr-predict --below, one for each shard, in any order")
        ->type_name("FILE")
        ->required();
    app.add_option("--labels", labels, "labels.txt: text then has keys in place of ids")->type_name("FILE");
    app.add_option("-o,--output", output, "Answers to write; - is stdout")->type_name("FILE")->group("Output");
    add_format(app, format)->group("Output");
  }
};

void merge(const MergeOptions& options, Run& run) {
  check_dash_once("stdin", {options.parts, {options.labels}});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  const PredictionForm form = form_of(options.format, options.output);
  ShardMerge merge(options.parts);
  if (form != PredictionForm::npz) require_numbered_rows({options.parts.front(), merge.content()});
  std::optional<LabelNames> names;
  if (!options.labels.empty()) names = LabelNames::read(options.labels);
  if (names && names->size() != merge.labels())
    throw DataError(options.labels, fmt::format("{} labels, but the model has {}", names->size(), merge.labels()));

  PredictionWriter::Options written{
      .form = form, .labels = merge.labels(), .has_keys = merge.is_of_top(), .content = merge.content()};
  if (names) written.key = [&names](LabelId label) { return names->key(label); };
  PredictionWriter out(options.output, std::move(written));
  const Phase phase(run.observer(), "merge", merge.rows(), "rows");
  for (Row row = 0; row < merge.rows(); ++row) {
    if (run.observer().cancelled()) throw Interrupted();
    const CsrView answers = merge(row);
    out.write(answers, merge.keys());
    run.observer().advance(1);
  }
  out.commit();
  run.record("rows", merge.rows());
}

}  // namespace

void add_merge(Tool& tool) {
  tool.command("merge", "Joins the answers of all shards of a model into those of the whole model.",
               "xmr-inspect split model.npz --shards 2 -o pieces\n"
               "xmr-predict -m pieces/top.npz -x X.npz -o nodes.npz\n"
               "for i in 0 1; do\n"
               "  xmr-predict -m pieces/shard-$i.npz -x X.npz --below nodes.npz \\\n"
               "    -o part-$i.npz\n"
               "done\n"
               "xmr-predict merge part-0.npz part-1.npz --labels labels.txt",
               merge);
}

}  // namespace xmr::tools
