// xmr-featurize fit: learns a vectorizer, or counts for one in a part of the rows.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/distributed/fit_part.hpp"
#include "xmr/featurize/corpus_features.hpp"
#include "xmr/featurize/stemmer.hpp"
#include "xmr/featurize/vectorizer_file.hpp"
#include "xmr/io/json.hpp"

#include "common/part_number.hpp"
#include "common/preset.hpp"
#include "xmr-featurize/commands.hpp"
#include "xmr-featurize/corpus_options.hpp"

namespace xmr::tools {
namespace {

struct FitOptions {
  CorpusOptions corpus;
  RowPartOptions part;
  std::string output;
  // Kept as text: a block takes its defaults from settings that may follow it.
  std::vector<std::pair<GramKind, std::string>> blocks;
  std::vector<std::pair<std::string, std::string>> settings;
  std::optional<Tokens> tokens;
  std::optional<Preset> preset;
  bool keep_case = false;
  TokenizerOptions words_of;  // beside tokens and case
  Norm row_norm = Norm::l2;

  void add_to(CLI::App& app) {
    app.add_option("-o,--output", output, "Vectorizer to write, or with --parts the counts of the part")
        ->type_name("FILE")
        ->required();
    corpus.add_to(app);
    for (CLI::Option* option : part.add_to(app, "Counts"))
      option->group("Input");
    add_block(app, "--word", GramKind::word,
              "Lengths of word n-grams, as 1, 2 or 1-2; \":setting=value,...\" sets this block alone");
    add_block(app, "--char", GramKind::char_, "Lengths of character n-grams of the whole text");
    add_block(app, "--char-wb", GramKind::char_wb, "Lengths of character n-grams inside words and their boundaries");
    add_setting(app, "column", "NAME", "text", "Name of the column that is read");
    add_setting(app, "min-df", "N", "1", "Smallest number of rows of an n-gram; with a point, share of the rows");
    add_setting(app, "max-df", "N", "1.0", "Largest number of rows of an n-gram; with a point, share of the rows");
    add_setting(app, "max-features", "N", "0", "Largest number of n-grams, those in most rows first; 0: no limit");
    add_setting(app, "tf", words<TermFrequency>(), "count",
                "Weight of an n-gram that occurs c times: c, 1 or 1+ln(c); or the sum of 1/(i+1) over the places i at "
                "which it begins, in the text or in its word (char and char-wb)");
    add_setting(app, "idf", words<InverseDocumentFrequency>(), "sklearn",
                "Weight of an n-gram in df of N rows: 1, ln((1+N)/(1+df))+1 or max(ln(N/(df+1)),0)");
    add_setting(app, "norm", words<Norm>(), "l2", "Norm that the values of a block in a row are divided by");
    add_setting(app, "max-tokens", "N", "0", "Number of words or characters after which a text is cut; 0: no limit");
    add_setting(app, "hash", "BITS", "0",
                "Bits of a hash, 4..28: 2^BITS features without a vocabulary; 0: exact n-grams");
    add_named(app, "--row-norm", row_norm, "Norm that the values of a whole row are divided by")->group("Features");
    add_named(app, "--tokens", tokens, "Words of a text; default: unicode")->group("Features");
    app.add_flag("--keep-case", keep_case, "Keeps the case of texts; default: fold it")->group("Features");
    add_named(app, "--unspaced", words_of.unspaced,
              "Words of Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese, with --tokens unicode")
        ->group("Features");
    app.add_flag("--fold-accents", words_of.fold_accents,
                 "Folds letters with accents or strokes to plain letters, and sharp s to ss. Vowel signs of Hebrew and "
                 "Arabic go too. Default: keep them")
        ->group("Features");
    app.add_option("--stem", words_of.stem,
                   fmt::format("Language whose endings words lose in --word blocks: {}; default: no stems",
                               fmt::join(stemmer_languages(), ", ")))
        ->type_name("LANGUAGE")
        ->group("Features");
    app.add_flag("--emoji", words_of.emoji, "Reads each emoji as a word; default: emoji part words")->group("Features");
    add_named(app, "--preset", preset,
              "Settings of another program: --idf pecos --max-df 0.98 --tokens whitespace --keep-case")
        ->group("Features");
  }

  VectorizerOptions vectorizer() const;

 private:
  // "count|binary|log".
  template <NamedEnum Enum>
  static std::string words() {
    return fmt::format("{}", fmt::join(names_of<Enum>(), "|"));
  }
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
  if (preset) {
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
  options.tokenizer = words_of;
  if (!words_of.stem.empty()) static_cast<void>(Stemmer(words_of.stem));
  options.tokenizer.tokens = tokens.value_or(preset ? Tokens::whitespace : Tokens::unicode);
  options.tokenizer.fold_case = !keep_case && !(preset && !tokens);
  options.row_norm = row_norm;
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
