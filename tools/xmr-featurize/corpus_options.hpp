#pragma once
// Options that say how a corpus is read.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/featurize/corpus_features.hpp"

#include "common/options.hpp"

namespace xmr::tools {

struct CorpusOptions {
  std::vector<std::string> paths;
  std::string columns = "labels,text";
  InvalidUtf8 invalid_utf8 = InvalidUtf8::replace;
  std::string format = "auto";
  bool skip_bad_rows = false;

  void add_to(CLI::App& app) {
    app.add_option("CORPUS", paths, "Files of text, one instance a line, read one after another; default: stdin")
        ->type_name("FILE");
    app.add_option("--columns", columns,
                   "Names of the columns of a line; \"-\" is not read, a single name is the whole line. Or "
                   "NAME=SOURCE,..., where SOURCE is a column of the first line, or a key of JSON lines")
        ->type_name("NAMES")
        ->group("Input");
    app.add_option(
           "--format", format,
           "Format of the corpus. auto: TSV; if columns have sources, by the name of the file or its first bytes")
        ->check(one_of({"auto", "tsv", "csv", "json-lines", "fasttext"}))
        ->group("Input");
    add_named(app, "--invalid-utf8", invalid_utf8, "Treatment of bytes that are not UTF-8")
        ->type_name("RULE")
        ->group("Input");
    app.add_flag("--skip-bad-rows", skip_bad_rows, "Skips rows that cannot be read, and tells their number")
        ->group("Input");
  }

  CorpusInput input() const {
    return {inputs_or_stdin(paths), CorpusColumns(columns), invalid_utf8, skip_bad_rows, {}, parse_row_format(format)};
  }
};

}  // namespace xmr::tools
