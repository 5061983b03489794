#include "xmr-predict/options.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

#include "common/options.hpp"

namespace xmr::tools {

namespace {

// Returns true if --below allows the option. Others are settings of the top, or need a whole model.
bool goes_with_below(const std::string& option) {
  constexpr std::string_view kOptions[] = {"--model", "--x", "--top", "--output", "--format", "--latency"};
  return std::ranges::find(kOptions, option) != std::end(kOptions);
}

}  // namespace

void PredictOptions::add_to(CLI::App& app) {
  constexpr std::uint32_t kMax = std::numeric_limits<std::int32_t>::max();
  app.add_option("CORPUS", corpus, "Texts, one instance a line; default: stdin")->type_name("FILE");
  app.add_option("-m,--model", models, "Model to answer with; several, each with its -m, answer together")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->required();
  app.add_option("-x,--x", features,
                 "Features of the instances, a matrix, in place of text; one for all models, or one for each")
      ->type_name("FILE")
      ->allow_extra_args(false);

  app.add_option("-k,--top", k, "Number of answers to an instance")->transform(range(1U, kMax))->group("Search");
  const auto search = [this](CLI::Option* option) {
    beam_options_.push_back(option->group("Search"));
    return option;
  };
  search(app.add_option("--beam", beam, "Number of nodes kept at each level; default: that of the model"))
      ->transform(range(1U, kMax))
      ->default_str("");
  search(app.add_option(
             "--post-processor", post_processor,
             "Function that turns margins into scores: l1-hinge to l4-hinge, log-l1-hinge to log-l4-hinge, sigmoid, "
             "log-sigmoid or noop; default: that of the model"))
      ->type_name("NAME");
  search(add_named(app, "--ties", ties, "Rule that ranks equal scores; default: that of the model"))->type_name("RULE");
  search(add_named(app, "--preset", preset,
                   "Settings of another program: --post-processor l3-hinge --beam 10 --ties position"));

  search(app.add_flag("--exact", exact, "Finds the best labels of all, not of those that a beam reaches"));

  app.add_option("--allow", allow, "Labels to answer with, one a line: keys, or ids if the model has no keys")
      ->type_name("FILE")
      ->group("Labels");
  app.add_option("--deny", deny, "Labels not to answer with, in the same form")->type_name("FILE")->group("Labels");
  app.add_option("--rerank", rerank, "Candidates of each row, predictions or a matrix: ranks only these labels")
      ->type_name("FILE")
      ->group("Labels");
  app.add_option("--rerank-level", rerank_level,
                 "Level whose nodes the columns of --rerank are, from 0 below the root; default: they are labels")
      ->transform(range(0U, 63U))
      ->default_str("")
      ->group("Labels");

  CLI::Option* const is_shard =
      app.add_option(
             "--below", below,
             "Answers of the top to the rows: ranks the labels of a shard of xmr-inspect split below these nodes, "
             "and writes an npz for xmr-predict merge")
          ->type_name("FILE")
          ->group("Labels");

  completion_options_.push_back(add_named(app, "--source", source, "Source of completions")->group("Completion"));
  completion_options_.push_back(app.add_option("--typos", typos, "Number of edits that mend a prefix of no known query")
                                    ->transform(range(0U, 1U))
                                    ->group("Completion"));
  completion_options_.push_back(app.add_option("--unseen", unseen,
                                               "1: text answers of --source fused hold queries that are no labels too, "
                                               "made of words or asked first in sessions, unless they are calibrated")
                                    ->transform(range(0U, 1U))
                                    ->group("Completion"));

  completion_options_.push_back(
      app.add_flag("--distinct", distinct,
                   "Shows the most frequent of completions that differ only in separators, accents, plural or the "
                   "order of words")
          ->group("Completion"));
  completion_options_.push_back(
      app.add_option("--block", block, "Words and phrases that no completion may hold, one a line")
          ->type_name("FILE")
          ->group("Completion"));
  completion_options_.push_back(app.add_option("--category", categories,
                                               "Category of the labels to complete with; several, each with its "
                                               "--category: any of them; default: all labels")
                                    ->type_name("NAME")
                                    ->allow_extra_args(false)
                                    ->group("Completion"));
  completion_options_.push_back(app.add_option("--boost", boosts,
                                               "Category whose labels weigh FACTOR times as much; several, each with "
                                               "its --boost; default: none")
                                    ->type_name("NAME=FACTOR")
                                    ->allow_extra_args(false)
                                    ->group("Completion"));

  for (CLI::Option* option : combine.add_to(app))
    combine_options_.push_back(option->group("Several models"));
  candidates_option_ = app.add_option("--candidates", candidates,
                                      "Number of answers of each model that are combined or ranked anew; at least -k")
                           ->transform(range(1U, kMax))
                           ->group("Several models");
  rescoring.add_to(app);

  const auto text = [this](CLI::Option* option) {
    text_options_.push_back(option->group("Text"));
    return option;
  };
  text(app.add_option(
           "--columns", columns,
           "Names of the columns of a line, separated by TAB; a single name is the whole line; default: text, to "
           "complete previous,prefix"))
      ->type_name("NAMES");
  text(add_named(app, "--invalid-utf8", invalid_utf8, "Treatment of bytes that are not UTF-8"))->type_name("RULE");
  text(app.add_flag("--skip-bad-rows", skip_bad_rows,
                    "Leaves lines that cannot be read without answers; default: stop"));

  const auto answer = [this](CLI::Option* option) {
    answer_options_.push_back(option->group("Output"));
    return option;
  };
  answer(app.add_option("-o,--output", output, "Answers to write; - is stdout"))->type_name("FILE");
  for (CLI::Option* option : row_part.add_to(app, "Answers"))
    answer(option);
  answer(add_format(app, format));
  answer(app.add_option("--ids", ids,
                        "Ids of the rows of -x, one a line, for TREC and JSON lines; ids of text are its column id"))
      ->type_name("FILE");
  answer(app.add_option("--tag", tag, "Name of a TREC run"));
  const auto path = [this, &answer](CLI::Option* option) {
    path_options_.push_back(answer(option));
    return option;
  };
  path(app.add_option(
           "--explain", explain,
           "Number of features to tell at each level: prints the path of each answer through the tree, as text or "
           "in JSON lines. Of a retrieval model: its sources and the N strongest pieces of evidence"))
      ->transform(range(0U))
      ->type_name("N");
  path(app.add_option("--dot", picture, "Picture of the search for a single row to write, for Graphviz"))
      ->type_name("FILE");
  text(
      answer(app.add_flag("--line-buffered", line_buffered,
                          "Sends the answers to a line before the next line is ranked, even if more lines have come")));
  app.add_flag("--latency", latency, "Prints the times of single queries on one thread, in place of answers")
      ->group("Output");

  for (CLI::Option* option : app.get_options())
    if (option != is_shard && !goes_with_below(option->get_name())) is_shard->excludes(option);
}

// Checks the options of search, and of the labels that it is for.
void PredictOptions::check_search() const {
  if (exact && (beam != 0 || preset))
    throw ConfigError(fmt::format("--exact: excludes {}", beam != 0 ? "--beam" : "--preset pecos"));
  if (exact && ties == TieRule::position)
    throw ConfigError("--exact: --ties position needs a beam", "use --ties margin");
  if (!rerank.empty() && (exact || beam != 0))
    throw ConfigError(
        fmt::format("{}: --rerank ranks all labels of a row, without a beam", exact ? "--exact" : "--beam"));
  if (rerank == "-") throw ConfigError("--rerank: must be a file, because it is read more than once");
  if (!picture.empty() && (exact || !allow.empty() || !deny.empty() || !rerank.empty()))
    throw ConfigError("--dot: draws a beam search over all labels", "leave out --exact, --allow, --deny and --rerank");
  if (!below.empty() && (models.size() != 1 || features.empty()))
    throw ConfigError("--below: needs one model, a shard, and -x");
  if (!below.empty() && !latency && form() != PredictionForm::npz)
    throw ConfigError("--below: xmr-predict merge reads npz only", "name the output .npz: -o part.npz");
  if (rerank_level && rerank.empty()) throw ConfigError("--rerank-level: needs --rerank");
}

void PredictOptions::check() const {
  check_dash_once("stdin", {models,
                            features,
                            {features.empty() && corpus.empty() ? "-" : corpus, combine.weights, allow, deny, block,
                             rerank, ids, rescoring.calibration, rescoring.train_truth}});
  check_search();
  if (!post_processor.empty()) static_cast<void>(PostProcessor(post_processor));
  if (!features.empty() && !corpus.empty())
    throw ConfigError(fmt::format("-x {} and {}: features or text, not both", features.front(), corpus));
  for (const CLI::Option* option : combine_options_)
    if (models.size() == 1 && option->count() > 0)
      throw ConfigError(fmt::format("{}: needs several models", option->get_name()));
  if (models.size() == 1 && rescoring.train_truth.empty() && candidates_option_->count() > 0)
    throw ConfigError("--candidates: needs several models");
  combine.check();
  rescoring.check();
  for (const CLI::Option* option : text_options_)
    if (!features.empty() && option->count() > 0)
      throw ConfigError(fmt::format("{}: reads text, but -x gives features", option->get_name()));
  for (const CLI::Option* option : answer_options_)
    if (latency && option->count() > 0)
      throw ConfigError(fmt::format("{}: --latency prints no answers", option->get_name()));
  for (const CLI::Option* option : path_options_)
    if (models.size() > 1 && option->count() > 0)
      throw ConfigError(fmt::format("{}: needs a single model", option->get_name()));
  if (explain && form() == PredictionForm::npz)
    throw ConfigError("--explain: npz holds only labels and scores; use --format jsonl");
  if (explain && format == PredictionForm::tsv)
    throw ConfigError("--explain: --format tsv holds only labels and scores; use --format jsonl or none");
  if (explain && form() == PredictionForm::trec)
    throw ConfigError("--explain: a TREC run holds only labels and scores; use --format jsonl");
  if (!ids.empty() && features.empty())
    throw ConfigError("--ids: names the rows of -x; ids of text are its column id", "--columns id,text");
  if (!ids.empty() && form() != PredictionForm::trec && form() != PredictionForm::json_lines)
    throw ConfigError("--ids: needs --format trec or jsonl");
  if (line_buffered && form() == PredictionForm::npz)
    throw ConfigError("--line-buffered: an npz cannot be sent line by line");
  if (!part().is_whole() && features.empty() && (corpus.empty() || corpus == "-"))
    throw ConfigError("--part: needs a file, not a pipe");
  if (latency && skip_bad_rows) throw ConfigError("--skip-bad-rows: cannot be used with --latency");
}

void PredictOptions::check(const ModelSet& of) const {
  const ModelCapabilities first = of[0].capabilities();
  for (const CLI::Option* option : beam_options_)
    if (!of.searches_tree() && option->count() > 0)
      throw ConfigError(fmt::format("{}: {} has no tree to search", option->get_name(), of[0].name()));
  for (const CLI::Option* option : path_options_)
    if (first.linear == nullptr && option->count() > 0 && (first.retrieval == nullptr || !picture.empty()))
      throw ConfigError(fmt::format("{}: {} is not an XR-Linear model", option->get_name(), of[0].name()));
  for (const CLI::Option* option : completion_options_)
    if (first.completion == nullptr && option->count() > 0)
      throw ConfigError(fmt::format("{}: {} is not a completion model", option->get_name(), of[0].name()));
  for (std::size_t i = 0; i < of.size(); ++i) {
    const auto refuse = [&](const char* option, const char* why) {
      throw ConfigError(fmt::format("{}: {} {}", option, of[i].name(), why));
    };
    const ModelCapabilities can = of[i].capabilities();
    if (exact && !can.searches_tree) refuse("--exact", "has no tree to search");
    if (!rerank.empty() && !can.searches_tree) refuse("--rerank", "has no tree, so it cannot rank candidates");
    if (can.retrieval != nullptr && of.size() > 1)
      throw ConfigError(fmt::format("{}: a retrieval model answers alone", of[i].name()));
    if (can.retrieval != nullptr && !features.empty())
      throw ConfigError(fmt::format("-x: {} is a retrieval model, which reads text", of[i].name()));
    if (can.completion == nullptr) continue;
    if (of.size() > 1) throw ConfigError(fmt::format("{}: a completion model answers alone", of[i].name()));
    if (!features.empty())
      throw ConfigError(fmt::format("-x: {} is a completion model, which reads text", of[i].name()));
  }
}

CorpusColumns PredictOptions::columns_of(const ModelSet& of) const {
  return CorpusColumns(columns.empty() ? of.text_columns() : columns);
}

RankRequest PredictOptions::request() const {
  RankRequest request{
      .k = k,
      .completion = {.source = source, .mends_typos = typos > 0, .shows_distinct = distinct, .categories = categories}};
  for (const std::string& boost : boosts) {
    const std::optional<CategoryBoost> parsed = parse_boost(boost);
    if (!parsed) throw ConfigError(fmt::format("--boost: {} is not NAME=FACTOR", quote(boost)), "--boost shoes=2");
    request.completion.boosts.push_back(*parsed);
  }
  SearchRequest& search = request.search;
  if (preset) search = {.beam = 10, .post_processor = PostProcessor("l3-hinge"), .ties = TieRule::position};
  if (beam != 0) search.beam = beam;
  if (!post_processor.empty()) search.post_processor = PostProcessor(post_processor);
  if (ties) search.ties = *ties;
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

PredictionForm form_of(std::optional<PredictionForm> format, const std::string& output) {
  return format.value_or(prediction_form_of(output));
}

CLI::Option* add_format(CLI::App& app, std::optional<PredictionForm>& format) {
  return add_named(app, "--format", format, "Format of the answers; default: by the name of the output, else tsv")
      ->type_name("FORMAT");
}

}  // namespace xmr::tools
