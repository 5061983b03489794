#include "xmr-eval/judgements.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/sparse/trec.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"
#include "xmr/util/types.hpp"

#include "common/matrix_or_predictions.hpp"
#include "common/trec_file.hpp"

namespace xmr::tools {
namespace {

// Numbers of queries and documents: from --ids and --labels, else in order of appearance.
class TrecNumbers {
 public:
  TrecNumbers(RowIds& ids, bool ids_grow, LabelNames& names, bool names_grow)
      : ids_(ids), ids_grow_(ids_grow), names_(names), names_grow_(names_grow) {}

  // Returns the rows of the qrels. The queries are complete from then on.
  CsrMatrix read_qrels(const TrecFile& file) {
    CsrMatrix rows = read(file, parse_trec_qrels).rows;
    ids_grow_ = false;
    return rows;
  }
  // Returns the answers of a run. Warns of queries without a row.
  CsrMatrix read_run(const TrecFile& file, Observer& observer) {
    TrecRows read_rows = read(file, parse_trec_run);
    if (read_rows.left_out > 0)
      observer.warn(fmt::format("{}: {} answers are to queries without judgements, the first to {}; they are left out",
                                file.mapped.name(), read_rows.left_out, quote(read_rows.first_left_out)));
    return std::move(read_rows.rows);
  }

 private:
  TrecRows read(const TrecFile& file, TrecRows (*parse)(const TrecText&)) {
    const std::string& name = file.mapped.name();
    const auto row = [&](std::uint64_t line, std::string_view query) -> std::optional<std::uint32_t> {
      if (const auto found = ids_.find(query)) return static_cast<std::uint32_t>(*found);
      if (!ids_grow_) return std::nullopt;
      ids_.add(query, name, line);
      return static_cast<std::uint32_t>(ids_.size() - 1);
    };
    const auto label = [&](std::uint64_t line, std::string_view key) -> std::optional<std::uint32_t> {
      if (const auto found = names_.find(key)) return *found;
      if (!names_grow_)
        throw DataError(name, line, quote(key) + " is not the key of a label",
                        "without --labels the documents of the files are the labels");
      if (names_.size() == kMaxColumns) throw DataError(name, line, "more documents than 31 bits can number");
      names_.add(key, "", 0);
      return static_cast<std::uint32_t>(names_.size() - 1);
    };
    return parse({name, file.bytes, row, label});
  }

  RowIds& ids_;
  bool ids_grow_;
  LabelNames& names_;
  bool names_grow_;
};

// Brings a matrix to a shape that has room for it.
void widen(CsrMatrix& matrix, std::uint64_t rows, std::uint64_t columns) {
  while (matrix.rows() < rows)
    matrix.end_row();
  matrix.set_cols(columns);
}

Judgements read_trec(const JudgementOptions& options, const std::vector<std::string>& paths, Observer& observer) {
  RowIds ids = options.ids.empty() ? RowIds() : RowIds::read(options.ids);
  LabelNames names = options.labels.empty() ? LabelNames() : LabelNames::read(options.labels);
  TrecNumbers numbers(ids, options.ids.empty(), names, options.labels.empty());
  const TrecFile qrels(options.qrels, TrecForm::judgements);
  CsrMatrix truth = numbers.read_qrels(qrels);
  if (ids.size() == 0) throw DataError(qrels.mapped.name(), "holds no judgement");
  std::vector<std::pair<std::string, CsrMatrix>> runs;
  for (const std::string& path : paths) {
    const TrecFile run(path, TrecForm::run);
    runs.emplace_back(run.mapped.name(), numbers.read_run(run, observer));
  }
  widen(truth, ids.size(), names.size());
  Judgements all{{qrels.mapped.name(), std::move(truth), Json::object()}, {}, {}, {}};
  for (auto& [name, run] : runs) {
    widen(run, ids.size(), names.size());
    all.files.emplace_back(name, std::move(run));
  }
  all.ids = std::move(ids);
  all.names = std::move(names);
  return all;
}

// Calls use(key) for the key of each answer of a text. Skips lines of another form, which PredictionFile refuses.
template <class Use>
void read_keys(const std::string& path, PredictionForm form, const Use& use) {
  LineBlocks lines{InputFile(path)};
  for (LineBlock block; lines.next(block);)
    for (const Line line : block) {
      if (form == PredictionForm::tsv) {
        const std::size_t tab = line.text.rfind('\t');
        if (tab != std::string_view::npos) use(line.text.substr(tab + 1));
        continue;
      }
      const Json row = Json::parse_if_valid(line.text).value_or(nullptr);
      if (!row.contains("labels") || !row["labels"].is_array()) continue;
      for (const auto& answer : row["labels"].values())
        if (answer.contains("key") && answer["key"].is_string()) use(answer["key"].text());
    }
}

// Reads the truth as keys, one a row. Labels are the keys of --labels, then new keys in order of appearance.
Judgements read_texts(const JudgementOptions& options, const std::vector<std::string>& paths) {
  LabelNames names = options.labels.empty() ? LabelNames() : LabelNames::read(options.labels);
  const std::uint64_t known = names.size();
  const auto number = [&](std::string_view key) {
    if (const auto found = names.find(key)) return *found;
    names.add(key, "", 0);
    return static_cast<LabelId>(names.size() - 1);
  };
  CsrMatrix truth(0);
  LineBlocks lines{InputFile(options.truth_text)};
  for (LineBlock block; lines.next(block);)
    for (const Line line : block) {
      if (!line.text.empty()) truth.push(number(line.text), 1);
      truth.end_row();
    }
  const Row rows = truth.rows();
  if (rows == 0) throw DataError(lines.name(), "has no rows");
  for (const std::string& path : paths) {
    if (path == "-") throw ConfigError("--truth-text: answers must be files, because they are read twice");
    const PredictionForm form = prediction_form_of(path);
    if (form == PredictionForm::trec) throw ConfigError("--truth-text: reads npz, TSV and JSON lines");
    if (form != PredictionForm::npz)
      read_keys(path, form, [&](std::string_view key) {
        if (!key.empty()) number(key);
      });
  }
  truth.set_cols(names.size());
  Judgements all{{lines.name(), std::move(truth), Json::object()}, {}, {}, {}};
  for (const std::string& path : paths) {
    if (prediction_form_of(path) != PredictionForm::npz) {
      all.files.emplace_back(path, &names, PredictionShape{rows, names.size()});
      continue;
    }
    const PredictionFile ids(path, nullptr, PredictionShape{rows, known});
    CsrMatrix wide(0);
    for (Row row = 0; row < rows; ++row)
      wide.append_row(ids.view().row(row));
    wide.set_cols(names.size());
    all.files.emplace_back(path, std::move(wide));
  }
  if (!options.ids.empty()) all.ids = RowIds::read(options.ids, rows, lines.name());
  all.names = std::move(names);
  return all;
}

}  // namespace

void JudgementOptions::add_to(CLI::App& app) {
  app.add_option("PREDICTIONS", predictions, "Ranked labels: npz, TSV, JSON lines or TREC runs; default: stdin")
      ->type_name("FILE");
  auto* const matrix =
      app.add_option("-y,--y", truth, "Labels of the rows: a matrix, or predictions that the others should find")
          ->type_name("FILE");
  app.add_option("--qrels", qrels,
                 "Judgements of TREC or BEIR, in place of -y; predictions are then TREC runs, ranked as by trec_eval")
      ->type_name("FILE")
      ->excludes(matrix);
  app.add_option(
         "--truth-text", truth_text,
         "Keys of the relevant labels, one a row, in place of -y; answers are compared by key, made queries too")
      ->type_name("FILE")
      ->excludes(matrix)
      ->excludes("--qrels");
  app.add_option("--labels", labels, "labels.txt, if predictions name labels by their keys")->type_name("FILE");
  app.add_option("--ids", ids, "Ids of the rows, one a line, of TREC runs and for --per-row")->type_name("FILE");
}

Judgements read_judgements(const JudgementOptions& options, const std::vector<std::string>& paths, Observer& observer) {
  if (options.truth.empty() && options.qrels.empty() && options.truth_text.empty())
    throw ConfigError("-y, --qrels or --truth-text is needed: the truth");
  if (!options.qrels.empty()) return read_trec(options, paths, observer);
  if (!options.truth_text.empty()) return read_texts(options, paths);
  Judgements all{read_matrix_or_predictions(options.truth), {}, {}, {}};
  const CsrView y = all.y.view();
  if (y.rows == 0) throw DataError(all.y.name(), "has no rows");
  if (!options.labels.empty()) all.names = LabelNames::read(options.labels, y.cols, all.y.name());
  if (!options.ids.empty()) all.ids = RowIds::read(options.ids, y.rows, all.y.name());
  for (const std::string& path : paths)
    all.files.emplace_back(path, all.names ? &*all.names : nullptr, PredictionShape{y.rows, y.cols},
                           all.ids ? &*all.ids : nullptr);
  return all;
}

}  // namespace xmr::tools
