#pragma once
// Options of how queries are normalised: those of a log, and the requests that its model will answer.

#include <string>

#include <CLI/CLI.hpp>

#include "xmr/featurize/query_text.hpp"

#include "common/options.hpp"

namespace xmr::tools {

struct QueryOptions {
  bool keep_case = false;
  std::string punctuation = "keep";

  // Returns the options.
  std::vector<const CLI::Option*> add_to(CLI::App& app, const std::string& group) {
    return {app.add_flag("--keep-case", keep_case, "No case folding of queries")->group(group),
            app.add_option("--punctuation", punctuation, "Characters of queries that are no letters, digits or marks")
                ->check(one_of({"keep", "blank", "drop"}))
                ->group(group)};
  }
  QueryForm form() const { return {!keep_case, parse_punctuation(punctuation)}; }
};

}  // namespace xmr::tools
