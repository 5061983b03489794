#pragma once
// The options that say how a corpus is read.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/featurize/corpus_features.hpp"

#include "common/options.hpp"

namespace xmr::tools {

struct CorpusOptions {
  std::vector<std::string> paths;
  std::string columns = "labels,text";
  std::string invalid_utf8 = "replace", format = "auto";
  bool skip_bad_rows = false;

  void add_to(CLI::App& app) {
    app.add_option("CORPUS", paths, "Texts, one instance a line; read one after another. Default: stdin")
        ->type_name("FILE");
    app.add_option("--columns", columns,
                   "Names of the columns, \"-\" for one that is not used; with one name the whole line is it. Or "
                   "NAME=SOURCE,..., where SOURCE is a column of the first line, or a key of JSON lines")
        ->type_name("NAME,...")
        ->group("Input");
    app.add_option("--format", format,
                   "Form of the corpus: tsv, csv, json-lines or fasttext. auto: TSV; if columns have sources, as the "
                   "file's name or its first bytes say")
        ->check(one_of({"auto", "tsv", "csv", "json-lines", "fasttext"}))
        ->group("Input");
    app.add_option("--invalid-utf8", invalid_utf8, "Bytes that are not UTF-8: read as U+FFFD, or an error")
        ->check(one_of({"replace", "refuse"}))
        ->group("Input");
    app.add_flag("--skip-bad-rows", skip_bad_rows, "Leave out rows that cannot be read, and say how many")
        ->group("Input");
  }

  CorpusInput input() const {
    return {inputs_or_stdin(paths),
            CorpusColumns(columns),
            invalid_utf8 == "refuse" ? InvalidUtf8::refuse : InvalidUtf8::replace,
            skip_bad_rows,
            {},
            parse_row_format(format)};
  }
};

}  // namespace xmr::tools
