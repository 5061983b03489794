#pragma once
// Options of commands that read or write instances as text (XMC repository, svmlight).

#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "xmr/sparse/text_matrix.hpp"

#include "common/options.hpp"

namespace xmr::tools {

struct TextOptions {
  std::optional<TextForm> format;
  std::uint32_t first_feature = 0, first_label = 0;
  bool label_weights = false;

  // `format_default`: the format without --format.
  void add_to(CLI::App& app, const std::string& format_default) {
    add_named(app, "--format", format, "Format of the text; default: " + format_default)->group("Text");
    app.add_option("--first-feature", first_feature, "Number of the first feature in the text")
        ->transform(range(0U, 1U))
        ->group("Text");
    app.add_option("--first-label", first_label, "Number of the first label in the text")
        ->transform(range(0U, 1U))
        ->group("Text");
    app.add_flag("--label-weights", label_weights, "Reads and writes weights of labels, as 3:0.5,17")->group("Text");
  }

  TextDialect dialect() const { return {first_feature, first_label, label_weights}; }
};

}  // namespace xmr::tools
