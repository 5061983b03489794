// xmr-train retrieval: one model file from labels.txt and a log of queries.

#include "xmr/train/retrieval.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>
#include <malloc.h>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/io/corpus.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/io/row_ids.hpp"
#include "xmr/retrieve/candidates.hpp"
#include "xmr/train/given_trees.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "common/judged_labels.hpp"
#include "common/options.hpp"
#include "common/tool.hpp"
#include "xmr-train/commands.hpp"

namespace xmr::tools {
namespace {

struct RetrievalTrainOptions {
  std::vector<std::string> corpora;
  std::string columns = "labels,text", labels, output, valid, evidence, invalid_utf8 = "replace";
  std::string label_separator = ",", qrels;
  bool label_keys = false, skip_bad_rows = false;
  std::vector<std::string> sources = {"trees", "words", "characters", "neighbours"};
  std::uint32_t trees = RetrievalOptions().trees;
  std::vector<std::string> tree_models;
  std::string preset = "accurate";

  void add_to(CLI::App& app);
  void check() const;
  RetrievalOptions retrieval(std::uint64_t seed) const;
};

// The rows of a log: texts and their labels.
struct Log {
  StringTableBuilder texts;
  CsrMatrix y;
  CorpusCounts counts;
};

Log read_log(const RetrievalTrainOptions& options, const std::vector<std::string>& paths, const LabelNames& names,
             Run& run) {
  const CorpusInput input{.paths = paths,
                          .columns = CorpusColumns(options.columns),
                          .invalid_utf8 = options.invalid_utf8 == "refuse" ? InvalidUtf8::refuse : InvalidUtf8::replace,
                          .skip_bad_rows = options.skip_bad_rows};
  const bool has_qrels = !options.qrels.empty();
  const bool is_single = input.columns.has("label") && !input.columns.has("labels");
  const bool is_weighted = input.columns.has("weight") && !has_qrels;
  if (has_qrels && !input.columns.has("id")) throw ConfigError("--qrels: no column is named id", "--columns id,text");
  std::vector<std::string> wanted = {"text", has_qrels ? "id" : is_single ? "label" : "labels"};
  if (is_weighted) wanted.emplace_back("weight");
  RowReader reader(input.columns, input.invalid_utf8, wanted);
  LabelColumn column = options.label_keys ? LabelColumn(names) : LabelColumn(names.size());
  if (options.label_separator.empty()) throw ConfigError("--label-separator: is empty, text is needed");
  column.set_separator(options.label_separator);
  RowIds ids;
  Log log{.texts = {}, .y = CsrMatrix(names.size()), .counts = {}};
  const Phase phase(run.observer(), "read", 0, "rows");
  CorpusTotals totals(run.observer());
  std::span<const std::string_view> fields;
  std::vector<WeightedLabel> labels;
  for (const std::string& path : input.paths) {
    LineBlocks lines = open_corpus(input, path);
    for (LineBlock block; lines.next(block);) {
      if (run.observer().cancelled()) throw Interrupted();
      BlockCounts counts;
      read_rows(
          block, lines.name(), input.skip_bad_rows, counts,
          [&](LinePlace place, std::string_view line) {
            fields = reader.read(place, line);
            if (has_qrels)
              ids.add(fields[1], place.file, place.line);
            else if (is_single)
              column.parse_single(place, fields[1], labels);
            else
              column.parse(place, fields[1], labels);
            if (is_weighted) weigh(place, fields[2], labels);
          },
          [&] {
            log.texts.add(fields[0]);
            if (has_qrels) return;
            for (const WeightedLabel& label : labels)
              log.y.push(label.label, label.weight);
            log.y.end_row();
          });
      totals.add(counts);
    }
  }
  if (!input.paths.empty()) log.counts = totals.finish(input);
  const StringTable texts = log.texts.view();
  std::uint64_t empty = 0;
  for (std::size_t row = 0; row < texts.size(); ++row)
    empty += texts[row].empty() ? 1 : 0;
  if (empty > texts.size() / 10)
    run.observer().warn(fmt::format("{}: {} of {} rows have no text", input.paths.front(), empty, texts.size()));
  if (has_qrels) log.y = judged_labels(options.qrels, ids, names, run.observer());
  return log;
}

void report(const RetrievalFit& fit, const HeldRows& held, Run& run) {
  Json judged = Json::object();
  for (const JudgedKind& kind : fit.judged)
    judged[kind.name] = kind.guard;
  run.record("queries", held.queries);
  run.record("documents_among_rows", held.documents);
  run.record("folds", held.folds);
  run.record("cold_share", held.cold_share);
  run.record("held_rows", held.evidence.rows());
  run.record("guard_rows", fit.guard_rows);
  run.record("kind", fit.kind);
  run.record("added", fit.added);
  run.record("guard", judged);
  if (!fit.added.empty())
    run.observer().warn(fmt::format(
        "the fitted evidence gains from more of {} on held-out queries: it has a weight of its own", fit.added));
}

void RetrievalTrainOptions::add_to(CLI::App& app) {
  CLI::Option* const corpus =
      app.add_option("CORPUS", corpora,
                     "The log, one query a line; read one after another. Default: no log, titles alone")
          ->type_name("FILE");
  app.add_option("--labels", labels, "The catalogue, labels.txt: key and text of each label")
      ->type_name("FILE")
      ->required();
  app.add_option("-o,--output", output, "Model to write")->type_name("FILE")->required();
  app.add_option("--columns", columns,
                 "Names of the columns, \"-\" for one that is not used: labels or label, text, weight, id")
      ->type_name("NAME,...")
      ->group("Input");
  CLI::Option* const keys =
      app.add_flag("--label-keys", label_keys, "The column of labels holds keys, not ids")->group("Input");
  CLI::Option* const separator = app.add_option("--label-separator", label_separator,
                                                "Text between two labels of a row; a list of JSON lines needs none")
                                     ->type_name("TEXT")
                                     ->group("Input");
  app.add_option(
         "--qrels", qrels,
         "Judgements of TREC or BEIR in place of a column of labels; rows are found by the column id, labels by "
         "their keys in --labels")
      ->type_name("FILE")
      ->needs(corpus)
      ->excludes(keys)
      ->excludes(separator)
      ->group("Input");
  app.add_option("--invalid-utf8", invalid_utf8, "Bytes that are not UTF-8: read as U+FFFD, or an error")
      ->check(one_of({"replace", "refuse"}))
      ->group("Input");
  app.add_flag("--skip-bad-rows", skip_bad_rows, "Leaves out rows that cannot be read, with a warning")->group("Input");
  app.add_option(
         "--valid", valid,
         "Queries in the form of CORPUS to fit the ranking to, which no source has seen. Default: some of CORPUS, "
         "held out")
      ->type_name("FILE")
      ->group("Model");
  app.add_option("--evidence", evidence, "File to write: the evidence of the fitted queries")
      ->type_name("FILE")
      ->group("Model");
  app.add_option("--sources", sources, "Sources of candidates, separated by commas")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(one_of({"trees", "words", "characters", "neighbours"}))
      ->type_name("LIST")
      ->default_str("trees,words,characters,neighbours")
      ->group("Model");
  app.add_option("--preset", preset,
                 "Labels that each source lists, beam of the trees: accurate has 100 and 10, fast 50 and 5")
      ->check(one_of({"accurate", "fast"}))
      ->group("Model");
  CLI::Option* const number = app.add_option("--trees", trees, "Number of trees of XR-Linear")
                                  ->transform(range(1U, static_cast<std::uint32_t>(RetrievalModel::kMaxTrees)))
                                  ->group("Model");
  app.add_option("--tree-model", tree_models,
                 "XR-Linear model made by hand, in place of the trees; several, each with its --tree-model; needs "
                 "--valid, queries that it is not trained on")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->excludes(number)
      ->group("Model");
}

constexpr const char* kHoldOut = "xmr-inspect slice log.tsv --share 0.9 -o seen.tsv --rest valid.tsv";

void RetrievalTrainOptions::check() const {
  if (tree_models.empty()) return;
  if (valid.empty())
    throw ConfigError("--tree-model needs --valid, queries that the trees are not trained on", kHoldOut);
  if (std::ranges::count(sources, name_of(Source::trees)) == 0)
    throw ConfigError("--tree-model: trees are not among the --sources");
  if (tree_models.size() > RetrievalModel::kMaxTrees)
    throw ConfigError(
        fmt::format("--tree-model: {} models, at most {} are possible", tree_models.size(), RetrievalModel::kMaxTrees));
}

std::uint64_t hash_of(const Log& log, Row row) {
  return hash64(log.texts.view()[row], hash64(log.y.view().row(row).indices));
}

// Throws DataError if all rows of `valid` are in the log. Sources are sure of rows that they have seen, so a ranking
// fitted to such rows trusts them too much.
void require_unseen(const std::string& name, const Log& valid, const Log& log) {
  std::unordered_set<std::uint64_t> seen;
  for (Row row = 0; row < log.y.view().rows; ++row)
    seen.insert(hash_of(log, row));
  Row row = 0;
  while (row < valid.y.view().rows && seen.contains(hash_of(valid, row)))
    ++row;
  if (row == valid.y.view().rows && row > 0)
    throw DataError(name, "every row is in the log, too, but the ranking is fitted to new queries", kHoldOut);
}

RetrievalOptions RetrievalTrainOptions::retrieval(std::uint64_t seed) const {
  RetrievalOptions options = preset == "fast" ? RetrievalOptions::fast() : RetrievalOptions();
  options.trees = tree_models.empty() ? trees : 0;
  options.seed = seed;
  for (const Source source : kAllSources)
    options.sources[static_cast<std::size_t>(source)] = std::ranges::count(sources, name_of(source)) > 0;
  return options;
}

void train_retrieval(const RetrievalTrainOptions& options, Run& run) {
  std::vector<std::string> inputs = options.corpora;
  inputs.insert(inputs.end(), {options.labels, options.qrels, options.valid});
  inputs.insert(inputs.end(), options.tree_models.begin(), options.tree_models.end());
  check_dash_once("stdin", {inputs});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  options.check();
  const LabelNames names = LabelNames::read(options.labels);
  const GivenTrees given(options.tree_models, names.stored());
  const Log log = read_log(options, options.corpora, names, run);
  std::optional<Log> valid;
  if (!options.valid.empty())
    require_unseen(options.valid, valid.emplace(read_log(options, {options.valid}, names, run)), log);
  NpzWriter out(options.output);
  std::optional<NpzWriter> evidence;
  if (!options.evidence.empty()) evidence.emplace(options.evidence);
  const RetrievalOptions retrieval = options.retrieval(run.common().seed);
  RetrievalData data = read_retrieval_data(names.stored(), log.texts.view(), log.y, run.parallel(), given.vectorizer());
  const auto fit_to = [&](const HeldRows& held) {
    malloc_trim(0);  // the models of folds were as large as the evidence is
    if (evidence) held.evidence.write(std::move(*evidence));
    RetrievalFit made = fit_retrieval(held.evidence, retrieval.has_all(), run.parallel());
    report(made, held, run);
    return made;
  };
  std::optional<RetrievalFit> of_log;
  if (!valid) of_log = fit_to(hold_out(data, retrieval, run.parallel()));
  malloc_trim(0);  // the evidence is gone
  RetrievalParts parts = make_parts(data, data.y, retrieval, run.parallel());
  given.add_to(parts, retrieval.beam);
  if (valid) of_log = fit_to(held_out(ModelInMemory(parts).model(), valid->texts.view(), valid->y, run.parallel()));
  const RetrievalFit& fit = *of_log;
  {
    const Phase phase(run.observer(), "write", 0, "bytes");
    write_model(std::move(out), parts, fit.margin,
                Json{{"trees", parts.trees.size()}, {"preset", options.preset}, {"fit", fit.kind}});
  }
  run.record("rows", data.y.rows);
  run.record("labels", data.y.cols);
  run.record("features", data.vectorizer.features());
}

}  // namespace

void add_retrieval(Tool& tool) {
  tool.command(
      "retrieval",
      "Makes one model that finds labels for queries, from a catalogue with titles and a log of clicks: trees, BM25 "
      "over words and characters, neighbours, and the evidence that ranks their answers.",
      "xmr-train retrieval --labels labels.txt -o model.npz train.tsv", train_retrieval);
}

}  // namespace xmr::tools
