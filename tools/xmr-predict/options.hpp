#pragma once
// The options of xmr-predict, and what they ask of models.

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
#include "xmr-predict/combine_options.hpp"
#include "xmr-predict/rescoring_options.hpp"

namespace xmr::tools {

// --format, or where it is empty what the name of the output says.
PredictionForm form_of(const std::string& format, const std::string& output);

struct PredictOptions {
  std::vector<std::string> models, features;
  std::string corpus;
  std::uint32_t k = 10, beam = 0;  // 0, and an empty name: the model's
  std::string post_processor, ties, preset;
  std::string columns, invalid_utf8 = "replace";
  bool skip_bad_rows = false;
  std::string output = "-", format;  // empty: by the output's name
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
  std::string source = "fused";
  std::uint32_t typos = 0;

  void add_to(CLI::App& app);
  // ConfigError for what makes no sense together, before a large file is opened.
  void check() const;
  // ConfigError for options that none of the models has a use for.
  void check(const ModelSet& of) const;

  PartOf part() const { return row_part.value(); }  // of the rows
  PredictionForm form() const { return form_of(format, output); }
  RankRequest request() const;
  // --columns, or what these models read without it.
  CorpusColumns columns_of(const ModelSet& of) const;
  Combination combination() const;
  // Are scores made in another way than the model's own?
  bool scores_otherwise() const { return !post_processor.empty() || !preset.empty() || source != "fused"; }
  InvalidUtf8 utf8() const { return invalid_utf8 == "refuse" ? InvalidUtf8::refuse : InvalidUtf8::replace; }

 private:
  void check_search() const;

  std::vector<const CLI::Option*> text_options_, answer_options_, beam_options_, combine_options_, completion_options_,
      path_options_;
  const CLI::Option* candidates_option_ = nullptr;
};

}  // namespace xmr::tools
