// xmr-featurize import: XMC repository or svmlight text → X and Y.

#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/row_ids.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/text_matrix.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

#include "common/options.hpp"
#include "common/text_options.hpp"
#include "xmr-featurize/commands.hpp"

namespace xmr::tools {
namespace {

struct ImportOptions {
  std::string text, x, y, ids;
  TextOptions dialect;
  std::optional<std::uint64_t> feature_count, label_count;
  bool skip_bad_rows = false;

  void add_to(CLI::App& app) {
    app.add_option("FILE", text, "Text to read; default: stdin");
    app.add_option("-x,--x", x, "Features to write, a row for each instance")->type_name("FILE")->required();
    app.add_option("-y,--y", y, "Labels to write; a matrix alone has none")->type_name("FILE");
    app.add_option("--ids", ids, "Ids of the rows to write, one a line, from qid: of svmlight")->type_name("FILE");
    dialect.add_to(app, "xmc if the first line is three integers, matrix if two, else svmlight");
    app.add_option("--feature-count", feature_count,
                   "Number of columns of X; default: that of the header, else the largest feature + 1")
        ->transform(range(std::uint64_t{0}, kMaxColumns))
        ->group("Text");
    app.add_option("--label-count", label_count,
                   "Number of columns of Y; default: that of the header, else the largest label + 1")
        ->transform(range(std::uint64_t{0}, kMaxColumns))
        ->group("Text");
    app.add_flag("--skip-bad-rows", skip_bad_rows, "Skips rows that cannot be read, and tells their number")
        ->group("Text");
  }

  TextInput input() const {
    return {.form = dialect.format,
            .dialect = dialect.dialect(),
            .features = feature_count,
            .labels = label_count,
            .skip_bad_rows = skip_bad_rows,
            .query_ids = !ids.empty()};
  }
};

void import(const ImportOptions& options, Run& run) {
  if (options.x == options.y && options.x != "-") throw ConfigError("-x and -y name the same file: " + options.x);
  check_dash_once("stdout", {{options.x, options.y, options.ids, run.common().stats}});
  InputFile input(options.text.empty() ? inputs_or_stdin({}).front() : options.text);
  if (const FileKind kind = recognize(input.peek(64)); kind == FileKind::npz || kind == FileKind::npy)
    throw DataError(input.name(), "is a file of arrays, not text", "arrays need no import: xmr-index -x reads them");
  NpzWriter x(options.x);
  std::optional<NpzWriter> y;
  if (!options.y.empty()) y.emplace(options.y);
  const std::string name = input.name();
  const TextMatrices found = read_text_matrices(std::move(input), options.input(), run.parallel());
  if (y && found.form == TextForm::matrix)
    throw DataError(name, "holds one matrix, -y would be empty",
                    fmt::format("xmr-featurize import -x {} {}", shell_word(options.x), shell_word(name)));
  if (!options.ids.empty() && found.form != TextForm::svmlight)
    throw DataError(name, fmt::format("--ids reads qid: of svmlight, the file is {}", name_of(found.form)));
  RowIds ids;
  for (const std::string& id : found.query_ids)
    ids.add(id, name, 0);
  if (!options.ids.empty()) ids.write(options.ids);
  {
    const Phase phase(run.observer(), "write", 0, "bytes");
    const Json content = {{"imported_from", name_of(found.form)}};
    run.record("nnz", write_sparse_members(x, found.features, found.x));
    if (y) write_sparse_members(*y, found.labels, found.y);
    x.commit(matrix_meta(content));
    if (y) y->commit(matrix_meta(content));
  }
  run.record("rows", found.rows);
  run.record("skipped_rows", found.skipped_rows);
  run.record("features", found.features);
  run.record("labels", found.labels);
}

}  // namespace

void add_import(Tool& tool) {
  tool.command("import", "Turns XMC repository or svmlight text into matrices.",
               "xmr-featurize import -x X.npz -y Y.npz train.txt\n"
               "xmr-featurize import -x X.npz trn_X_Xf.txt",
               import);
}

}  // namespace xmr::tools
