#pragma once
// Options of the commands that read or write instances as text (XMC repository, svmlight).

#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "xmr/sparse/text_matrix.hpp"

#include "common/options.hpp"

namespace xmr::tools {

struct TextOptions {
  std::string format;  // empty: not given
  std::uint32_t first_feature = 0, first_label = 0;
  bool label_weights = false;

  // `format_default`: what happens without --format.
  void add_to(CLI::App& app, const std::string& format_default) {
    app.add_option("--format", format, "Form of the text; default: " + format_default)
        ->check(one_of({"xmc", "svmlight"}))
        ->default_str("")
        ->group("Text");
    app.add_option("--first-feature", first_feature, "The number that stands for the first feature")
        ->transform(range(0U, 1U))
        ->group("Text");
    app.add_option("--first-label", first_label, "The number that stands for the first label")
        ->transform(range(0U, 1U))
        ->group("Text");
    app.add_flag("--label-weights", label_weights, "Labels may carry weights: 3:0.5,17")->group("Text");
  }

  std::optional<TextForm> form() const {
    if (format.empty()) return std::nullopt;
    return format == "xmc" ? TextForm::xmc : TextForm::svmlight;
  }
  TextDialect dialect() const { return {first_feature, first_label, label_weights}; }
};

}  // namespace xmr::tools
