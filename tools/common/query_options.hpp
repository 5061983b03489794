#pragma once
// Options for the normalisation of queries: of a log, and of the requests that its model will answer.

#include <string>

#include <CLI/CLI.hpp>

#include "xmr/featurize/query_text.hpp"

#include "common/options.hpp"

namespace xmr::tools {

struct QueryOptions {
  bool keep_case = false;
  Punctuation punctuation = Punctuation::keep;

  void add_to(CLI::App& app, const std::string& group) {
    app.add_flag("--keep-case", keep_case, "Keeps the case of queries; default: fold it")->group(group);
    add_named(app, "--punctuation", punctuation,
              "Treatment of characters of queries that are not letters, digits or marks")
        ->group(group);
  }
  QueryForm form() const { return {!keep_case, punctuation}; }
};

}  // namespace xmr::tools
