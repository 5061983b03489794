// xmr-featurize apply: turns texts into X, and their labels into Y.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "xmr/distributed/corpus_identity.hpp"
#include "xmr/distributed/part_origin.hpp"
#include "xmr/featurize/corpus_features.hpp"
#include "xmr/featurize/vectorizer_file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/row_ids.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "common/judged_labels.hpp"
#include "common/part_number.hpp"
#include "xmr-featurize/commands.hpp"
#include "xmr-featurize/corpus_options.hpp"

namespace xmr::tools {
namespace {

struct ApplyOptions {
  CorpusOptions corpus;
  RowPartOptions part;
  std::string vectorizer, x, y, labels, ids, qrels;
  std::string label_separator = ",";
  bool label_keys = false;

  void add_to(CLI::App& app) {
    app.add_option("-f,--vectorizer", vectorizer, "Vectorizer of xmr-featurize fit")->type_name("FILE")->required();
    app.add_option("-x,--x", x, "Features to write, a row for each instance")->type_name("FILE")->required();
    corpus.add_to(app);
    CLI::Option* const y_option =
        app.add_option("-y,--y", y,
                       "Labels to write, from the column labels (ids or keys, separated by commas) or label (a single "
                       "one), times the number in the column weight, if there is one")
            ->type_name("FILE")
            ->group("Labels");
    CLI::Option* const labels_option =
        app.add_option(
               "--labels", labels,
               "labels.txt, one key a line; its length is the number of columns of Y (default: the largest id + 1)")
            ->type_name("FILE")
            ->needs(y_option)
            ->group("Labels");
    for (CLI::Option* option : part.add_to(app, "Reads"))
      option->group("Input");
    app.add_option("--label-separator", label_separator,
                   "Text between two labels of a row; a list of JSON lines needs none")
        ->type_name("TEXT")
        ->group("Labels");
    app.add_flag("--label-keys", label_keys, "Reads keys of --labels in the column, not ids")
        ->needs(labels_option)
        ->group("Labels");
    app.add_option("--qrels", qrels,
                   "Judgements of TREC or BEIR that Y is made of, in place of the column labels; rows are found by the "
                   "column id, labels by their keys in --labels")
        ->type_name("FILE")
        ->needs(labels_option)
        ->group("Labels");
    app.add_option("--ids", ids, "Ids of the rows to write, one a line, from the column id")->type_name("FILE");
  }
  bool reads_ids() const { return !ids.empty() || !qrels.empty(); }
};

// Returns the record of X for later tools: predictions need the same vectorizer.
Json content_of(const Vectorizer& vectorizer, const PartOf& part, const std::string& of) {
  Json content = {{"vectorizer", vectorizer.fingerprint()}, {"options", to_json(vectorizer.options())}};
  record_part(part, of, content);
  return content;
}

// Returns the fingerprint of the inputs that all parts share. If there is one part, returns an empty string.
std::string made_of(const CorpusInput& input, const LabelNames* keys) {
  if (input.part.is_whole()) return {};
  Fingerprint print;
  print.add(version()).add(corpus_identity(input.paths, input.columns));
  for (LabelId label = 0; keys != nullptr && label < keys->size(); ++label)
    print.add(keys->key(label)).add("\n");
  return print.hex();
}

// Bytes of the first file that the estimate of memory reads.
constexpr std::uint64_t kSampleBytes = std::uint64_t{1} << 18;

bool are_plain(const std::vector<std::string>& paths) {
  return std::ranges::all_of(paths, is_plain_file);
}

// Returns the peak of memory, bytes, by the formula in docs/xmr-featurize.md, from a sample of the first file.
std::uint64_t estimated_memory(CorpusInput input, const Vectorizer& vectorizer, const LabelColumn* labels,
                               unsigned threads) {
  std::uint64_t bytes = 0;
  for (const std::string& path : input.paths)
    bytes += std::filesystem::file_size(path);
  bytes /= input.part.parts;
  input.paths.resize(1);
  input.part = {0, static_cast<std::uint32_t>(std::filesystem::file_size(input.paths[0]) / kSampleBytes + 2)};
  Parallel one(1);
  const CorpusFeatures sample = featurize_corpus(input, vectorizer, labels, one);
  if (sample.counts.bytes == 0) return 0;
  std::uint64_t of_sample = 16 * sample.counts.rows;
  for (const std::vector<CsrMatrix>* pieces : {&sample.x, &sample.y})
    for (const CsrMatrix& piece : *pieces)
      of_sample += 8 * piece.view().nnz();
  const double times = static_cast<double>(bytes) / static_cast<double>(sample.counts.bytes);
  return static_cast<std::uint64_t>(static_cast<double>(of_sample) * times) + (std::uint64_t{threads} << 21);
}

// Warns if more than a tenth of the rows have no features: the column or the vectorizer may be a wrong one.
void warn_of_empty_rows(const std::vector<CsrMatrix>& pieces, const std::string& vectorizer, Observer& observer) {
  std::uint64_t rows = 0, empty = 0;
  for (const CsrMatrix& piece : pieces) {
    const CsrView x = piece.view();
    rows += x.rows;
    for (Row row = 0; row < x.rows; ++row)
      empty += x.row(row).size() == 0 ? 1 : 0;
  }
  if (empty > rows / 10)
    observer.warn(fmt::format("{} of {} rows have no features: their text is empty, or {} knows no word of it", empty,
                              rows, vectorizer));
}

void apply(const ApplyOptions& options, Run& run) {
  CorpusInput input = options.corpus.input();
  input.part = options.part.value();
  check_dash_once("stdin", {input.paths, {options.vectorizer, options.labels, options.qrels}});
  if (options.x == options.y && options.x != "-") throw ConfigError("-x and -y name the same file: " + options.x);
  check_dash_once("stdout", {{options.x, options.y, options.ids, run.common().stats}});
  const bool with_labels = !options.y.empty();
  if (!input.part.is_whole() && input.paths.size() > 1) throw ConfigError("--parts: takes one corpus");
  if (!input.part.is_whole() && with_labels && options.labels.empty())
    throw ConfigError("--parts: needs --labels, so that all parts of Y have the same columns");
  const bool has_qrels = !options.qrels.empty();
  if (has_qrels && !input.part.is_whole()) throw ConfigError("--qrels: needs all rows, without --part");
  if (has_qrels && options.label_keys) throw ConfigError("--label-keys: --qrels replaces the column labels");
  if (options.reads_ids() && !input.columns.has("id"))
    throw ConfigError("--ids and --qrels: no column is named id", "--columns id,text");
  const VectorizerFile file(options.vectorizer);
  const Vectorizer& vectorizer = file.vectorizer();
  std::optional<LabelNames> names;
  if (!options.labels.empty()) names = LabelNames::read(options.labels);
  LabelColumn labels = options.label_keys ? LabelColumn(*names) : names ? LabelColumn(names->size()) : LabelColumn();
  if (options.label_separator.empty()) throw ConfigError("--label-separator: is empty, text is needed");
  labels.set_separator(options.label_separator);
  const LabelColumn* const wanted = with_labels && !has_qrels ? &labels : nullptr;
  if (are_plain(input.paths) && input.is_plain())
    run.expect_memory([&] { return estimated_memory(input, vectorizer, wanted, run.common().threads); });
  const std::string of = made_of(input, options.label_keys ? &*names : nullptr);
  NpzWriter x(options.x);
  std::optional<NpzWriter> y;
  if (with_labels) y.emplace(options.y);

  RowIds ids;
  CorpusFeatures features =
      featurize_corpus(input, vectorizer, wanted, run.parallel(), options.reads_ids() ? &ids : nullptr);
  warn_of_empty_rows(features.x, options.vectorizer, run.observer());
  if (has_qrels) features.y.push_back(judged_labels(options.qrels, ids, *names, run.observer()));
  if (!options.ids.empty()) ids.write(options.ids);
  {
    const Phase phase(run.observer(), "write", 0, "bytes");
    run.record("nnz", write_sparse_members(x, vectorizer.features(), features.x));
    if (y) write_sparse_members(*y, names ? names->size() : features.labels, features.y);
    const Json content = content_of(vectorizer, input.part, of);
    x.commit(matrix_meta(content));
    if (y) y->commit(matrix_meta(content));
  }
  run.record("rows", features.counts.rows);
  run.record("skipped_rows", features.counts.skipped_rows);
  run.record("bytes", features.counts.bytes);
  run.record("features", vectorizer.features());
}

}  // namespace

void add_apply(Tool& tool) {
  tool.command("apply", "Turns texts into features X, and their labels into Y.",
               "xmr-featurize apply -f vec.npz -x X.npz -y Y.npz --labels labels.txt train.tsv", apply);
}

}  // namespace xmr::tools
