#include "xmr-eval/side_by_side.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "xmr/evaluate/side_by_side.hpp"
#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/io/file.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"
#include "xmr/util/selection.hpp"

#include "common/options.hpp"
#include "common/progress.hpp"

namespace xmr::tools {
namespace {

std::vector<Row> chosen_rows(const SideBySideOptions& options, Row count, std::uint64_t seed) {
  if (!options.rows.empty()) {
    const Selection selection = Selection::parse(options.rows);
    if (selection.needs() > count)
      throw DataError(fmt::format("--rows: row {} is not there: there are {} rows", selection.needs() - 1, count));
    return selection.of(count);
  }
  std::vector<Row> rows(count);
  std::iota(rows.begin(), rows.end(), Row{0});
  Random(seed).shuffle(std::span(rows));
  rows.resize(std::min<std::size_t>(rows.size(), options.sample));
  std::ranges::sort(rows);
  return rows;
}

// Sets the texts of the instances, whose rows increase.
void read_texts(const SideBySideOptions& options, std::vector<SideBySide::Instance>& instances) {
  RowReader reader(CorpusColumns(options.columns), InvalidUtf8::replace, {"text"});
  LineBlocks blocks = open_corpus({.paths = {options.texts}, .columns = CorpusColumns(options.columns)}, options.texts);
  Row row = 0;
  auto next = instances.begin();
  for (LineBlock block; next != instances.end() && blocks.next(block);)
    for (const Line line : block) {
      if (next == instances.end()) break;
      if (row++ != next->row) continue;
      next++->text = reader.read({blocks.name(), line.number}, line.text).front();
    }
  if (next != instances.end())
    throw DataError(options.texts, fmt::format("{} rows, row {} is to be shown", row, next->row));
}

}  // namespace

void SideBySideOptions::add_to(CLI::App& app) {
  const auto option = [&](const char* name, auto& value, const char* about) {
    return app.add_option(name, value, about)->group("Side by side");
  };
  auto* const wanted =
      option("--side-by-side", output,
             "Answers of all files to write, side by side, right ones green, wrong ones red: a page if the "
             "name ends with .html, else text; - is stdout, in place of the metrics")
          ->type_name("FILE");
  auto* const list = option("--rows", rows, "Numbers of rows to show, from 0, and ranges without their end: 0:5,17")
                         ->type_name("LIST")
                         ->needs(wanted);
  option("--sample-rows", sample, "Number of rows to show, drawn by the seed")
      ->transform(range(std::uint64_t{1}))
      ->needs(wanted)
      ->excludes(list);
  option("-k,--top", k, "Number of answers to show of a row")->transform(range(1U))->needs(wanted);
  auto* const corpus = option("--texts", texts, "Corpus of the rows, whose text is shown")->type_name("FILE");
  corpus->needs(wanted);
  option("--columns", columns, "Names of the columns of the corpus; the column text is shown")->needs(corpus);
}

void write_side_by_side(const SideBySideOptions& options, CsrView truth, std::span<const PredictionFile> systems,
                        const LabelNames* names, std::uint64_t seed) {
  SideBySide page{.truth = truth, .systems = {}, .instances = {}, .k = options.k};
  for (const PredictionFile& file : systems)
    page.systems.push_back({file.name(), file.view()});
  for (const Row row : chosen_rows(options, truth.rows, seed))
    page.instances.push_back({row, ""});
  if (!options.texts.empty()) read_texts(options, page.instances);
  if (names != nullptr) page.key = [names](LabelId label) { return names->key(label); };
  OutputFile out(options.output);
  out.write(options.output.ends_with(".html") ? format_html(page) : format_text(page, shows_colours(out)));
  out.commit();
}

}  // namespace xmr::tools
