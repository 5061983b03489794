#pragma once
// The options of xmr-predict, and what they ask of a model.

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/io/corpus.hpp"
#include "xmr/predict/ranking_model.hpp"
#include "xmr/sparse/predictions.hpp"

namespace xmr::tools {

// --format, or where it is empty what the name of the output says.
PredictionForm form_of(const std::string& format, const std::string& output);

struct PredictOptions {
  std::string model, features, corpus;
  std::uint32_t k = 10, beam = 0;  // 0, and an empty name: the model's
  std::string post_processor, ties, preset;
  std::string columns = "text", invalid_utf8 = "replace";
  bool skip_bad_rows = false;
  std::string output = "-", format;  // empty: by the output's name
  bool latency = false;

  void add_to(CLI::App& app);
  // ConfigError for what makes no sense together, before a large file is opened.
  void check() const;
  // ConfigError for options that the model has no use for.
  void check(const RankingModel& of) const;

  RankRequest request() const;
  InvalidUtf8 utf8() const { return invalid_utf8 == "refuse" ? InvalidUtf8::refuse : InvalidUtf8::replace; }

 private:
  std::vector<const CLI::Option*> text_options_, answer_options_, beam_options_;
};

}  // namespace xmr::tools
