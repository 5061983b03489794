// xmr-inspect convert: matrices, predictions, trees and models in the forms that other programs read.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/distributed/part_origin.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/index/tree_text.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/io/row_ids.hpp"
#include "xmr/model/level_matrix.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/sparse/text_matrix.hpp"
#include "xmr/sparse/trec.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "common/text_options.hpp"
#include "xmr-inspect/commands.hpp"
#include "xmr-inspect/input.hpp"

namespace xmr::tools {
namespace {

struct ConvertOptions {
  std::vector<std::string> files;
  std::string output, labels, ids;
  TextOptions text;
  std::optional<std::size_t> level;

  void add_to(CLI::App& app) {
    app.add_option("FILE", files, "Files to convert: X and Y, or one matrix, tree, model or file of predictions")
        ->required()
        ->expected(1, 2);
    app.add_option("-o,--output", output, "Result to write; - is stdout")->type_name("FILE")->required();
    app.add_option("--labels", labels, "labels.txt: predictions and trees then have keys in place of ids")
        ->type_name("FILE");
    app.add_option("--ids", ids, "Ids of the rows, one a line, of TREC runs and qrels")->type_name("FILE");
    app.add_option("--level", level, "Level of a model whose weights are written, from 0 below the root")
        ->transform(range(std::size_t{0}));
    text.add_to(app, "xmc");
    for (const char* name : {"--format", "--first-feature", "--first-label", "--label-weights"})
      text_options_.push_back(app.get_option(name));
  }

  // Throws ConfigError if this conversion does not read an option. The `kind` of two files is "instances".
  void check(const std::string& kind, bool to_npz) const {
    const auto refuse = [](const std::string& option, const char* of) {
      throw ConfigError(fmt::format("{}: needs {}", option, of));
    };
    for (const CLI::Option* option : text_options_)
      if (kind != "instances" && option->count() > 0) refuse(option->get_name(), "X and Y that become text");
    if (level && kind != "model") refuse("--level", "a model");
    if (!ids.empty() && kind != "predictions" && kind != "matrix") refuse("--ids", "predictions, or Y");
    if (!labels.empty() && kind != "predictions" && ((kind != "label-tree" && kind != "matrix") || to_npz))
      refuse("--labels", "predictions, and trees that become text");
  }

 private:
  std::vector<const CLI::Option*> text_options_;
};

// Returns the kind of the content of a file; text is predictions.
std::string kind_of_content(const std::string& path) {
  const FileKind kind = kind_of(path);
  if (kind == FileKind::npy) return "matrix";
  if (kind != FileKind::npz) return "predictions";
  const NpzFile file(path);
  return file.has_meta() ? file.meta().kind : "matrix";
}

bool names_npz(const std::string& path) {
  return prediction_form_of(path) == PredictionForm::npz;
}

// Throws DataError unless there are ids of all rows. Text may end before rows without answers.
void require_ids(const RowIds& ids, const std::string& file, Row rows, const std::string& owner) {
  if (ids.size() < rows) throw DataError(file, fmt::format("{} ids, but {} has {} rows", ids.size(), owner, rows));
}

void convert_instances(const ConvertOptions& options, const std::vector<std::string>& files, Run& run) {
  if (options.text.format == TextForm::matrix)
    throw ConfigError("--format matrix: is read only, by xmr-featurize import", "--format xmc writes X and Y");
  const MatrixFile x(files[0]), y(files[1]);
  if (x.view().rows != y.view().rows)
    throw DataError(files[0], fmt::format("{} rows, but {} has {}", x.view().rows, files[1], y.view().rows));
  OutputFile out(options.output);
  write_text_matrices(out, x.view(), y.view(), options.text.format.value_or(TextForm::xmc), options.text.dialect(),
                      run.parallel());
  out.commit();
  run.record("rows", x.view().rows);
}

// Writes a matrix of any program in the form of these tools.
void convert_matrix(const ConvertOptions& options, const std::string& path) {
  if (!names_npz(options.output))
    throw ConfigError(
        fmt::format("{}: a matrix alone becomes .npz, .qrels, or, as predictions, .tsv, .jsonl or .trec; other text "
                    "needs X and Y",
                    options.output));
  const MatrixFile file(path);
  write_matrix(options.output, file.view(), file.content());
}

// Writes Y as judgements of TREC.
void convert_labels(const ConvertOptions& options, const std::string& path, const LabelNames* names,
                    const RowIds* ids) {
  const MatrixFile file(path);
  const CsrView y = file.view();
  if (names != nullptr && names->size() < y.cols)
    throw DataError(path, fmt::format("{} labels, but there are names of {} only", y.cols, names->size()));
  if (ids != nullptr) require_ids(*ids, options.ids, y.rows, path);
  OutputFile out(options.output);
  std::string lines;
  for (Row row = 0; row < y.rows; ++row) {
    const std::string query = ids != nullptr ? std::string((*ids)[row]) : fmt::format("{}", row);
    const SparseRow labels = y.row(row);
    for (std::size_t i = 0; i < labels.size(); ++i)
      append_trec_qrel(
          lines, query,
          names != nullptr ? std::string(names->key(labels.indices[i])) : fmt::format("{}", labels.indices[i]),
          labels.values[i]);
    out.write(lines);
    lines.clear();
  }
  out.commit();
}

void convert_predictions(const ConvertOptions& options, const std::string& path, const LabelNames* names,
                         const RowIds* ids) {
  const PredictionFile file(path, names, std::nullopt, ids);
  if (ids != nullptr) require_ids(*ids, options.ids, file.view().rows, path);
  if (!names_npz(options.output)) require_numbered_rows({path, file.content()});
  PredictionWriter::Options answers{.form = prediction_form_of(options.output), .labels = file.view().cols};
  if (names != nullptr) answers.key = [names](LabelId label) { return names->key(label); };
  if (kind_of(path) == FileKind::npz) {
    const NpzFile npz(path);
    if (npz.has_meta()) answers.content = npz.meta().content;
  }
  PredictionWriter out(options.output, std::move(answers));
  if (ids == nullptr) {
    out.write(file.view());
  } else {
    for (Row row = 0; row < file.view().rows; ++row)
      out.write(file.view().row(row), {}, (*ids)[row]);
  }
  out.commit();
}

void convert_tree(const ConvertOptions& options, const std::string& path, const LabelNames* names) {
  const LabelTree tree = read_tree(path);
  if (names != nullptr && names->size() != tree.label_count())
    throw DataError(options.labels, fmt::format("{} labels, but {} has {}", names->size(), path, tree.label_count()));
  OutputFile out(options.output);
  write_tree_text(
      out, tree, names == nullptr ? std::function<std::string_view(LabelId)>() : [names](LabelId label) {
        return names->key(label);
      });
  out.commit();
}

void convert_level(const ConvertOptions& options, const std::string& path) {
  const XrLinearModel model = XrLinearModel::open(path);
  const std::size_t depth = model.tree().depth();
  if (!options.level || *options.level >= depth)
    throw ConfigError(fmt::format("--level: the levels of the model are 0..{}", depth - 1));
  write_matrix_by_column(options.output, level_matrix(model, *options.level),
                         {{"level", *options.level}, {"tree", model.tree().fingerprint()}});
}

void convert(const ConvertOptions& options, Run& run) {
  check_dash_once("stdin", {options.files, {options.labels, options.ids}});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  const std::vector<std::string> files = reopenable(options.files);
  const std::string& path = files.front();
  const std::string kind = files.size() == 2 ? "instances" : kind_of_content(path);
  options.check(kind, names_npz(options.output));
  if (kind == "instances") return convert_instances(options, files, run);

  std::optional<LabelNames> names;
  if (!options.labels.empty()) names = LabelNames::read(options.labels);
  const LabelNames* const keys = names ? &*names : nullptr;
  std::optional<RowIds> ids;
  if (!options.ids.empty()) ids = RowIds::read(options.ids);
  const RowIds* const row_ids = ids ? &*ids : nullptr;
  const bool ranks = options.output.ends_with(".tsv") ||
                     (prediction_form_of(options.output) != PredictionForm::tsv && !names_npz(options.output));
  if (kind == "matrix" && options.output.ends_with(".qrels")) return convert_labels(options, path, keys, row_ids);
  if (kind == "matrix" && !ranks) return convert_matrix(options, path);
  if (kind == "predictions" || kind == "matrix") return convert_predictions(options, path, keys, row_ids);
  if (kind == "label-tree" && !names_npz(options.output)) return convert_tree(options, path, keys);
  if (kind == "model" && options.level) return convert_level(options, path);
  if (!names_npz(options.output))
    throw DataError(path, fmt::format("a {} has no form as text", kind),
                    kind == "model" ? "--level writes the weights of a level as a matrix" : "");
  NpzWriter::rewrite(NpzFile(path), options.output);
}

}  // namespace

void add_convert(Tool& tool) {
  tool.command("convert", "Turns files into forms that other programs read.",
               "xmr-inspect convert X.npz Y.npz -o train.txt", convert);
}

}  // namespace xmr::tools
