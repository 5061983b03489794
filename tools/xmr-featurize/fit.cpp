// xmr-featurize fit: learns a vectorizer, or counts for one in a part of the rows.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "xmr/distributed/fit_part.hpp"
#include "xmr/featurize/corpus_features.hpp"
#include "xmr/featurize/vectorizer_file.hpp"

#include "common/part_number.hpp"
#include "xmr-featurize/commands.hpp"
#include "xmr-featurize/corpus_options.hpp"

namespace xmr::tools {
namespace {

struct FitOptions {
  CorpusOptions corpus;
  RowPartOptions part;
  std::string output;
  // As given, because blocks take their defaults from settings that may stand behind them.
  std::vector<std::pair<GramKind, std::string>> blocks;
  std::vector<std::pair<std::string, std::string>> settings;
  std::string tokens, preset;
  bool keep_case = false;
  std::string row_norm = "l2";

  void add_to(CLI::App& app) {
    app.add_option("-o,--output", output, "Where the vectorizer goes; the counts of a part")
        ->type_name("FILE")
        ->required();
    corpus.add_to(app);
    for (CLI::Option* option : part.add_to(app, "Count"))
      option->group("Input");
    add_block(app, "--word", GramKind::word,
              "A block of word n-grams: 1, 2, 1-2; \":setting=value,...\" for this block alone");
    add_block(app, "--char", GramKind::char_, "A block of character n-grams of the whole text");
    add_block(app, "--char-wb", GramKind::char_wb, "A block of character n-grams inside words and their boundaries");
    add_setting(app, "column", "NAME", "text", "Column that is read");
    add_setting(app, "min-df", "N", "1", "N-grams in at least so many rows; with a point: such a share of the rows");
    add_setting(app, "max-df", "N", "1.0", "N-grams in at most so many rows; with a point: such a share of the rows");
    add_setting(app, "max-features", "N", "0", "At most so many, of those in most rows; 0: any number");
    add_setting(
        app, "tf", "count|binary|log|position|word-position", "count",
        "Weight of an n-gram that occurs c times: c, 1 or 1+ln(c); or the sum of 1/(i+1) over the places i at which "
        "it begins, in the text or in its word (char and char-wb)");
    add_setting(app, "idf", "none|sklearn|pecos", "sklearn",
                "Weight of rare n-grams: 1, ln((1+N)/(1+df))+1 or max(ln(N/(df+1)),0)");
    add_setting(app, "norm", "none|l1|l2|max", "l2", "What a block's values of a row are divided by");
    add_setting(app, "max-tokens", "N", "0", "Cut texts after so many words or characters; 0: never");
    add_setting(app, "hash", "BITS", "0", "4..28: no vocabulary, 2^BITS hashed features; 0: exact n-grams");
    app.add_option("--row-norm", row_norm, "What the values of a whole row are divided by")
        ->check(one_of({"none", "l1", "l2", "max"}))
        ->group("Features");
    app.add_option("--tokens", tokens,
                   "unicode: NFKC, words are runs of letters, digits and marks; whitespace: text as it is, words "
                   "between spaces and tabs")
        ->check(one_of({"unicode", "whitespace"}))
        ->default_str("unicode")
        ->group("Features");
    app.add_flag("--keep-case", keep_case, "No case folding")->group("Features");
    app.add_option("--preset", preset, "PECOS's settings: idf pecos, max-df 0.98, whitespace tokens with their case")
        ->check(one_of({"pecos"}))
        ->group("Features");
  }

  VectorizerOptions vectorizer() const;

 private:
  void add_block(CLI::App& app, const std::string& name, GramKind kind, const std::string& help) {
    app.add_option_function<std::string>(
           name, [this, kind](const std::string& text) { blocks.emplace_back(kind, text); }, help)
        ->type_name("A[-B]")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
        ->trigger_on_parse()
        ->group("Blocks of features, in the order given; default --word 1 --word 2 --char-wb 3");
  }
  void add_setting(CLI::App& app, const std::string& name, const std::string& type, const std::string& usual,
                   const std::string& help) {
    app.add_option_function<std::string>(
           "--" + name, [this, name](const std::string& value) { settings.emplace_back(name, value); }, help)
        ->type_name(type)
        ->default_str(usual)
        ->group("Settings of all blocks");
  }
};

VectorizerOptions FitOptions::vectorizer() const {
  VectorizerOptions options;
  BlockOptions defaults;
  const bool pecos = preset == "pecos";
  if (pecos) {
    defaults.idf = InverseDocumentFrequency::pecos;
    defaults.max_df = {0.98, true};
  }
  for (const auto& [name, value] : settings)
    set_option(defaults, name, value);
  for (const auto& [kind, text] : blocks)
    options.blocks.push_back(parse_block(kind, text, defaults));
  if (blocks.empty())
    options.blocks = {parse_block(GramKind::word, "1", defaults), parse_block(GramKind::word, "2", defaults),
                      parse_block(GramKind::char_wb, "3", defaults)};
  const bool whitespace = tokens.empty() ? pecos : tokens == "whitespace";
  options.tokens = whitespace ? Tokens::whitespace : Tokens::unicode;
  options.fold_case = !keep_case && !(pecos && tokens.empty());
  options.row_norm = parse_norm(row_norm);
  check(options);
  return options;
}

CorpusCounts learn_all(const CorpusInput& input, const VectorizerOptions& options, NpzWriter& out, Run& run) {
  const LearntCorpus learnt = fit_corpus(input, options, run.parallel());
  const Phase phase(run.observer(), "write", 0, "bytes");
  write_vectorizer(out, learnt.vectorizer);
  run.record("features", learnt.vectorizer.features());
  return learnt.counts;
}

CorpusCounts count_part(const CorpusInput& input, const VectorizerOptions& options, NpzWriter& out, Run& run) {
  const auto origin = fit_origin(input, options);
  VectorizerFit fit(options, run.common().threads);
  const CorpusCounts counts = count_corpus(input, fit, run.parallel());
  const Phase phase(run.observer(), "write", 0, "bytes");
  write_fit_part(out, origin, options, fit.counts(run.parallel()));
  return counts;
}

void fit(const FitOptions& options, Run& run) {
  const VectorizerOptions vectorizer = options.vectorizer();
  CorpusInput input = options.corpus.input();
  input.part = options.part.value();
  check_dash_once("stdin", {input.paths});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  NpzWriter out(options.output);
  const CorpusCounts counts = (options.part.is_given() ? count_part : learn_all)(input, vectorizer, out, run);
  run.record("rows", counts.rows);
  run.record("skipped_rows", counts.skipped_rows);
  run.record("bytes", counts.bytes);
}

}  // namespace

void add_fit(Tool& tool) {
  tool.command("fit", "Learns a vectorizer: the n-grams of the texts and their weights.",
               "xmr-featurize fit --word 1-2:min-df=2 --char-wb 3 -o vec.npz train.tsv", fit);
}

}  // namespace xmr::tools
