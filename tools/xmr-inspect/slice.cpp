// xmr-inspect slice: some rows of matrices, predictions and corpora, the same rows of all files, or some columns of a
// matrix.

#include "xmr/sparse/slice.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/slice_lines.hpp"
#include "xmr/io/text_statistics.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/sparse/text_matrix.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/selection.hpp"

#include "common/options.hpp"
#include "xmr-inspect/commands.hpp"
#include "xmr-inspect/input.hpp"

namespace xmr::tools {
namespace {

struct SliceOptions {
  std::vector<std::string> files, outputs, rest;
  std::string rows, columns;
  std::optional<double> share;

  void add_to(CLI::App& app) {
    app.add_option("FILE", files, "Matrices, predictions (npz) and corpora (text) of the same instances")->required();
    app.add_option("-o,--output", outputs, "Selected rows of each FILE to write, in the order of the files")
        ->type_name("OUT")
        ->required();
    app.add_option("--rest", rest, "Other rows of each FILE to write")->type_name("OUT");
    app.add_option("--rows", rows, "Numbers of rows, from 0, and ranges without their end: 0:100,205,300:")
        ->type_name("LIST")
        ->group("Selection (one of)");
    app.add_option("--share", share, "Probability of each row, by the seed")
        ->transform(range(0.0, 1.0))
        ->group("Selection (one of)");
    app.add_option("--matrix-columns", columns, "Numbers of columns of one matrix, as for --rows")
        ->type_name("LIST")
        ->group("Selection (one of)");
  }

  void check(const std::string& stats) const {
    if ((rows.empty() ? 0 : 1) + (columns.empty() ? 0 : 1) + (share ? 1 : 0) != 1)
      throw ConfigError("exactly one of --rows, --share and --matrix-columns is required");
    if (outputs.size() != files.size())
      throw ConfigError(fmt::format("--output: {} outputs for {} files", outputs.size(), files.size()));
    if (!rest.empty() && rest.size() != files.size())
      throw ConfigError(fmt::format("--rest: {} outputs for {} files", rest.size(), files.size()));
    if (!columns.empty() && (files.size() != 1 || !rest.empty()))
      throw ConfigError("--matrix-columns: takes one FILE and no --rest");
    check_dash_once("stdout", {outputs, rest, {stats}});
    // Inputs are read again for each output, so an output must not replace one.
    for (const auto* list : {&outputs, &rest})
      for (const std::string& output : *list)
        for (const std::string& file : files)
          if (std::error_code error; output != "-" && std::filesystem::equivalent(output, file, error))
            throw ConfigError(output + ": is an input and an output");
  }
};

// The selection of --rows, --share or --matrix-columns, and its record in the outputs.
struct Part {
  Selection selection;
  Json record;
  bool of_columns = false;

  Part(const SliceOptions& options, std::uint64_t seed)
      : selection(options.share             ? Selection::share(*options.share, seed)
                  : options.columns.empty() ? Selection::parse(options.rows)
                                            : Selection::parse(options.columns)),
        of_columns(!options.columns.empty()) {
    if (options.share)
      record = {{"share", *options.share}, {"seed", seed}};
    else
      record = {{of_columns ? "columns" : "rows", of_columns ? options.columns : options.rows}};
  }
  Part others() const {
    Part part = *this;
    part.selection = selection.complement();
    part.record["complement"] = true;
    return part;
  }
};

enum class Form { matrix, predictions, corpus };

Form form_of(const std::string& path) {
  const FileKind kind = kind_of(path);
  if (kind == FileKind::npy) return Form::matrix;
  if (kind == FileKind::npz) {
    const NpzFile file(path);
    const std::string what = file.has_meta() ? file.meta().kind : "matrix";
    if (what == "predictions") return Form::predictions;
    if (what == "matrix") return Form::matrix;
    throw DataError(path, fmt::format("a {} has no rows that could be selected", what));
  }
  InputFile input(path);
  const std::string_view start = input.peek(4096);
  if (const auto header = find_text_header(start.substr(0, start.find('\n'))); header && header->size() == 3)
    throw DataError(path, "is XMC repository text, whose header counts the rows",
                    "xmr-featurize import makes matrices of it, which can be cut");
  return Form::corpus;
}

struct Input {
  std::string path;
  Form form;
  std::uint64_t rows = 0, columns = 0;

  explicit Input(const std::string& name) : path(name), form(form_of(name)) {
    if (form == Form::corpus) {
      rows = text_statistics(InputFile(path)).lines;
    } else if (form == Form::predictions) {
      rows = PredictionFile(path).view().rows;
    } else {
      const MatrixFile file(path);
      rows = file.view().rows;
      columns = file.view().cols;
    }
  }
};

// Returns the content of the file with the record of the selection. A selection of columns drops the content, which is
// about other features.
Json content_of(const std::string& path, const Part& part) {
  Json content = Json::object();
  if (!part.of_columns && kind_of(path) == FileKind::npz) {
    const NpzFile file(path);
    if (file.has_meta()) content = file.meta().content;
  }
  content["slice"] = part.record;
  return content;
}

void cut(const Input& input, const Part& part, const std::string& output) {
  if (input.form == Form::corpus) {
    OutputFile out(output);
    slice_lines(InputFile(input.path), part.selection, out, nullptr);
    out.commit();
  } else if (input.form == Form::predictions) {
    const PredictionFile file(input.path);
    PredictionWriter out(
        output, {.form = PredictionForm::npz, .labels = file.view().cols, .content = content_of(input.path, part)});
    out.write(slice_rows(file.view(), part.selection));
    out.commit();
  } else {
    const MatrixFile file(input.path);
    write_matrix(output,
                 part.of_columns ? slice_columns(file.view(), part.selection) : slice_rows(file.view(), part.selection),
                 content_of(input.path, part));
  }
}

void require_fit(const std::vector<Input>& inputs, const Part& part) {
  for (const Input& input : inputs) {
    if (input.rows != inputs.front().rows)
      throw DataError(input.path,
                      fmt::format("{} rows, but {} has {}", input.rows, inputs.front().path, inputs.front().rows));
    if (part.of_columns && input.form != Form::matrix)
      throw DataError(input.path, "is not a matrix, so it has no columns");
    const std::uint64_t count = part.of_columns ? input.columns : input.rows;
    const std::string_view what = part.of_columns ? "column" : "row";
    if (part.selection.needs() > count)
      throw DataError(input.path, fmt::format("{} {} is not there: there are {} {}s", what, part.selection.needs() - 1,
                                              count, what));
  }
}

// Opens all inputs before the first output is written.
void slice(const SliceOptions& options, Run& run) {
  options.check(run.common().stats);
  const Part part(options, run.common().seed);
  std::vector<Input> inputs;
  for (const std::string& path : reopenable(options.files))
    inputs.emplace_back(path);
  require_fit(inputs, part);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    cut(inputs[i], part, options.outputs[i]);
    if (!options.rest.empty()) cut(inputs[i], part.others(), options.rest[i]);
  }
  run.record("rows", inputs.front().rows);
}

}  // namespace

void add_slice(Tool& tool) {
  tool.command("slice", "Cuts rows out of files of the same instances, or columns out of a matrix.",
               "xmr-inspect slice X.npz Y.npz --share 0.9 -o X1.npz Y1.npz \\\n"
               "  --rest X2.npz Y2.npz\n"
               "xmr-inspect slice X.npz Y.npz train.tsv --rows 0:100 -o x.npz y.npz t.tsv",
               slice);
}

}  // namespace xmr::tools
