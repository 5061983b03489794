#pragma once
// The options of xmr-predict, and their checks against the models.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/io/corpus.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/part_of.hpp"

#include "common/part_number.hpp"
#include "common/preset.hpp"
#include "xmr-predict/combine_options.hpp"
#include "xmr-predict/rescoring_options.hpp"

namespace xmr::tools {

// Returns `format` (--format), else the form that the name of the output tells.
PredictionForm form_of(std::optional<PredictionForm> format, const std::string& output);
// Adds --format.
CLI::Option* add_format(CLI::App& app, std::optional<PredictionForm>& format);

struct PredictOptions {
  std::vector<std::string> models, features;
  std::string corpus;
  std::uint32_t k = 10, beam = 0;  // 0: that of the model
  std::string post_processor;      // empty: that of the model
  std::optional<TieRule> ties;     // default: that of the model
  std::optional<Preset> preset;
  std::string columns;
  InvalidUtf8 invalid_utf8 = InvalidUtf8::replace;
  bool skip_bad_rows = false;
  std::string output = "-", ids, tag = "xmr";
  std::optional<PredictionForm> format;
  RowPartOptions row_part;
  bool latency = false;
  std::optional<std::uint32_t> explain;  // features of each level
  std::string picture;
  bool line_buffered = false;
  bool exact = false;
  std::string allow, deny, rerank, below;
  std::optional<std::uint32_t> rerank_level;
  CombineOptions combine;
  std::uint32_t candidates = 100;
  RescoringOptions rescoring;
  CompletionSource source = CompletionSource::fused;
  std::uint32_t typos = 0;
  std::uint32_t unseen = 1;
  bool distinct = false;
  std::string block;
  std::vector<std::string> categories;
  std::vector<std::string> boosts;  // NAME=FACTOR

  void add_to(CLI::App& app);
  // Throws ConfigError if options contradict each other, before a large file is opened.
  void check() const;
  // Throws ConfigError if an option was given that none of the models reads.
  void check(const ModelSet& of) const;

  PartOf part() const { return row_part.value(); }  // of the rows
  PredictionForm form() const { return form_of(format, output); }
  RankRequest request() const;
  // Returns --columns, else the columns that these models read.
  CorpusColumns columns_of(const ModelSet& of) const;
  Combination combination() const;
  // Returns whether scores differ from the model's own.
  bool scores_otherwise() const { return !post_processor.empty() || preset || source != CompletionSource::fused; }

 private:
  void check_search() const;

  std::vector<const CLI::Option*> text_options_, answer_options_, beam_options_, combine_options_, completion_options_,
      path_options_;
  const CLI::Option* candidates_option_ = nullptr;
};

}  // namespace xmr::tools
