#include "xmr-predict/options.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "xmr/util/error.hpp"

#include "common/options.hpp"

namespace xmr::tools {

namespace {

// Everything else is as the top was asked, or takes a whole model.
bool goes_with_below(const std::string& option) {
  constexpr std::string_view kOptions[] = {"--model", "--x", "--top", "--output", "--format", "--latency"};
  return std::ranges::find(kOptions, option) != std::end(kOptions);
}

}  // namespace

void PredictOptions::add_to(CLI::App& app) {
  constexpr std::uint32_t kMost = std::numeric_limits<std::int32_t>::max();
  app.add_option("CORPUS", corpus, "Texts, one instance a line; default: stdin")->type_name("FILE");
  app.add_option("-m,--model", models, "Model of xmr-train; several, each with its -m, answer together")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->required();
  app.add_option("-x,--x", features,
                 "Features of the instances, a matrix, instead of text; one for all models, or "
                 "one for each")
      ->type_name("FILE")
      ->allow_extra_args(false);

  app.add_option("-k,--top", k, "Answers to an instance")->transform(range(1U, kMost))->group("Search");
  const auto search = [this](CLI::Option* option) {
    beam_options_.push_back(option->group("Search"));
    return option;
  };
  search(app.add_option("--beam", beam, "Nodes kept at each level; default: the model's"))
      ->transform(range(1U, kMost))
      ->default_str("");
  search(app.add_option("--post-processor", post_processor,
                        "Scores from margins: l1-hinge to l4-hinge, log-l1-hinge to log-l4-hinge, sigmoid, "
                        "log-sigmoid or noop; default: the model's"))
      ->type_name("NAME");
  search(app.add_option("--ties", ties, "What ranks equal scores; default: the model's"))
      ->type_name("RULE")
      ->check(one_of({"margin", "position"}));
  search(app.add_option("--preset", preset, "PECOS's settings: l3-hinge, beam 10, ties by position"))
      ->type_name("NAME")
      ->check(one_of({"pecos"}));

  search(app.add_flag("--exact", exact, "The true best labels instead of those that a beam reaches"));

  app.add_option("--allow", allow, "Answer with these labels only: keys, a line each, or ids where there are none")
      ->type_name("FILE")
      ->group("Labels");
  app.add_option("--deny", deny, "Do not answer with these labels")->type_name("FILE")->group("Labels");
  app.add_option("--rerank", rerank, "Rank only the labels that each row has here: predictions or a matrix")
      ->type_name("FILE")
      ->group("Labels");
  app.add_option("--rerank-level", rerank_level,
                 "The columns of --rerank are nodes of this level, from 0 below the root")
      ->transform(range(0U, 63U))
      ->default_str("")
      ->group("Labels");

  CLI::Option* const is_shard =
      app.add_option("--below", below,
                     "The model is a shard of xmr-inspect split: rank its labels below the nodes that the top has "
                     "found for each row; answers go to an npz, for xmr-predict merge")
          ->type_name("FILE")
          ->group("Labels");

  completion_options_.push_back(
      app.add_option("--source", source, "What completions come from: all that the model knows, fused, or one alone")
          ->type_name("NAME")
          ->check(one_of({"fused", "popular", "pairs", "tree"}))
          ->group("Completion"));
  completion_options_.push_back(app.add_option("--typos", typos, "Edits that mend a prefix which no query begins with")
                                    ->transform(range(0U, 1U))
                                    ->group("Completion"));

  for (CLI::Option* option : combine.add_to(app))
    combine_options_.push_back(option->group("Several models"));
  candidates_option_ = app.add_option("--candidates", candidates,
                                      "Answers of each model that are combined, or ranked anew; at least -k of them")
                           ->transform(range(1U, kMost))
                           ->group("Several models");
  rescoring.add_to(app);

  const auto text = [this](CLI::Option* option) {
    text_options_.push_back(option->group("Text"));
    return option;
  };
  text(app.add_option("--columns", columns,
                      "Columns of a line, parted by TAB; a single one is the whole line; default: text, to "
                      "complete previous,prefix"))
      ->type_name("NAMES");
  text(app.add_option("--invalid-utf8", invalid_utf8, "Read bytes that are not UTF-8 as U+FFFD, or stop"))
      ->type_name("RULE")
      ->check(one_of({"replace", "refuse"}));
  text(app.add_flag("--skip-bad-rows", skip_bad_rows, "Leave bad lines without answers instead of stopping"));

  const auto answer = [this](CLI::Option* option) {
    answer_options_.push_back(option->group("Output"));
    return option;
  };
  answer(app.add_option("-o,--output", output, "Answers; stdout if it is -"))->type_name("FILE");
  for (CLI::Option* option : row_part.add_to(app, "Answer"))
    answer(option);
  answer(app.add_option("--format", format, "Form of the answers; default: by the output's name, else tsv"))
      ->type_name("FORM")
      ->check(one_of({"tsv", "jsonl", "npz"}));
  const auto path = [this, &answer](CLI::Option* option) {
    path_options_.push_back(answer(option));
    return option;
  };
  path(app.add_option("--explain", explain,
                      "Why: the path of each answer through the tree, and the N features that moved it most at each "
                      "level; as text, or in JSON lines"))
      ->transform(range(0U))
      ->type_name("N");
  path(app.add_option("--dot", picture, "A picture of the search, for Graphviz; of a single row"))->type_name("FILE");
  text(
      answer(app.add_flag("--line-buffered", line_buffered,
                          "Send the answers of a line before the next one is ranked, even if more of them are there")));
  app.add_flag("--latency", latency, "Time single queries on one thread, and print that instead of answers")
      ->group("Output");

  for (CLI::Option* option : app.get_options())
    if (option != is_shard && !goes_with_below(option->get_name())) is_shard->excludes(option);
}

// What search there is, and for which labels.
void PredictOptions::check_search() const {
  if (exact && (beam != 0 || preset == "pecos"))
    throw ConfigError(fmt::format("--exact: it has no {}", beam != 0 ? "--beam" : "beam as --preset pecos has"));
  if (exact && ties == "position")
    throw ConfigError("--exact: equal scores have no position, which is one in a beam", "--ties margin ranks them");
  if (!rerank.empty() && (exact || beam != 0))
    throw ConfigError(
        fmt::format("{}: --rerank ranks all labels of a row, without a beam", exact ? "--exact" : "--beam"));
  if (rerank == "-") throw ConfigError("--rerank -: it is read more than once, so it must be a file");
  if (!picture.empty() && (exact || !allow.empty() || !deny.empty() || !rerank.empty()))
    throw ConfigError("--dot: it draws a beam search for all labels",
                      "leave out --exact, --allow, --deny and --rerank");
  if (!below.empty() && (models.size() != 1 || features.empty()))
    throw ConfigError("--below: one shard answers it, and features are given with -x");
  if (!below.empty() && !latency && form() != PredictionForm::npz)
    throw ConfigError("--below: text has no place for what xmr-predict merge needs", "-o part.npz has");
  if (rerank_level && rerank.empty()) throw ConfigError("--rerank-level: it is about --rerank");
}

void PredictOptions::check() const {
  check_dash_once("stdin", {models,
                            features,
                            {features.empty() && corpus.empty() ? "-" : corpus, combine.weights, allow, deny, rerank,
                             rescoring.calibration, rescoring.train_truth}});
  check_search();
  if (!post_processor.empty()) static_cast<void>(PostProcessor(post_processor));
  if (!features.empty() && !corpus.empty())
    throw ConfigError(fmt::format("-x {} and {}: features or text, not both", features.front(), corpus));
  for (const CLI::Option* option : combine_options_)
    if (models.size() == 1 && option->count() > 0)
      throw ConfigError(fmt::format("{}: one model has nothing to combine", option->get_name()));
  if (models.size() == 1 && rescoring.train_truth.empty() && candidates_option_->count() > 0)
    throw ConfigError("--candidates: one model has nothing to combine");
  combine.check();
  rescoring.check();
  for (const CLI::Option* option : text_options_)
    if (!features.empty() && option->count() > 0)
      throw ConfigError(fmt::format("{}: it is about text, and -x gives features", option->get_name()));
  for (const CLI::Option* option : answer_options_)
    if (latency && option->count() > 0)
      throw ConfigError(fmt::format("{}: it is about answers, and --latency prints none", option->get_name()));
  for (const CLI::Option* option : path_options_)
    if (models.size() > 1 && option->count() > 0)
      throw ConfigError(fmt::format("{}: several models answer together, ask one of them", option->get_name()));
  if (explain && form() == PredictionForm::npz)
    throw ConfigError("--explain: an npz holds labels and scores, take another --format");
  if (explain && format == "tsv")
    throw ConfigError("--explain: a TSV holds labels and scores, take --format jsonl or none");
  if (line_buffered && form() == PredictionForm::npz)
    throw ConfigError("--line-buffered: an npz cannot be sent line by line");
  if (!part().is_whole() && features.empty() && (corpus.empty() || corpus == "-"))
    throw ConfigError("--part: needs a file, whose parts can be found");
  if (latency && skip_bad_rows) throw ConfigError("--skip-bad-rows: --latency would time the bad rows, too");
}

void PredictOptions::check(const ModelSet& of) const {
  const ModelCapabilities first = of[0].capabilities();
  for (const CLI::Option* option : beam_options_)
    if (!of.searches_tree() && option->count() > 0)
      throw ConfigError(fmt::format("{}: {} has no tree that is searched", option->get_name(), of[0].name()));
  for (const CLI::Option* option : path_options_)
    if (first.linear == nullptr && option->count() > 0)
      throw ConfigError(fmt::format("{}: {} is no XR-Linear model", option->get_name(), of[0].name()));
  for (const CLI::Option* option : completion_options_)
    if (first.completion == nullptr && option->count() > 0)
      throw ConfigError(fmt::format("{}: {} is no completion model", option->get_name(), of[0].name()));
  for (std::size_t i = 0; i < of.size(); ++i) {
    const auto refuse = [&](const char* option, const char* why) {
      throw ConfigError(fmt::format("{}: {} {}", option, of[i].name(), why));
    };
    const ModelCapabilities can = of[i].capabilities();
    if (exact && !can.searches_tree) refuse("--exact", "has no tree that is searched");
    if (!rerank.empty() && !can.searches_tree) refuse("--rerank", "has no tree, and scores no labels that it is given");
    if ((!allow.empty() || !deny.empty()) && !can.restricts_labels)
      refuse(allow.empty() ? "--deny" : "--allow", "answers with what begins with the prefix");
    if (can.completion == nullptr) continue;
    if (of.size() > 1) throw ConfigError(fmt::format("{}: a completion model answers alone", of[i].name()));
    if (!features.empty()) throw ConfigError(fmt::format("-x: {} completes text", of[i].name()));
  }
}

CorpusColumns PredictOptions::columns_of(const ModelSet& of) const {
  return CorpusColumns(columns.empty() ? of.text_columns() : columns);
}

RankRequest PredictOptions::request() const {
  RankRequest request{.k = k, .completion = {.source = parse_completion_source(source), .mends_typos = typos > 0}};
  SearchRequest& search = request.search;
  if (preset == "pecos") search = {.beam = 10, .post_processor = PostProcessor("l3-hinge"), .ties = TieRule::position};
  if (beam != 0) search.beam = beam;
  if (!post_processor.empty()) search.post_processor = PostProcessor(post_processor);
  if (!ties.empty()) search.ties = ties == "margin" ? TieRule::margin : TieRule::position;
  search.exact = exact;
  search.among = !rerank.empty();
  search.among_level = rerank_level;
  return request;
}

Combination PredictOptions::combination() const {
  Combination combination = combine.combination(models.size());
  combination.candidates = candidates;
  return combination;
}

PredictionForm form_of(const std::string& format, const std::string& output) {
  if (format.empty()) return prediction_form_of(output);
  if (format == "tsv") return PredictionForm::tsv;
  return format == "jsonl" ? PredictionForm::json_lines : PredictionForm::npz;
}

}  // namespace xmr::tools
