// xmr-featurize labels: writes labels.txt, from the labels of a corpus or from a catalogue.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/io/file.hpp"
#include "xmr/io/string_counts.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

#include "common/options.hpp"
#include "xmr-featurize/commands.hpp"
#include "xmr-featurize/corpus_options.hpp"

namespace xmr::tools {
namespace {

struct LabelsOptions {
  CorpusOptions corpus;
  std::string output, separator = ",";
  std::uint64_t min_count = 1;

  void add_to(CLI::App& app) {
    app.add_option("-o,--output", output, "labels.txt to write")->type_name("FILE")->required();
    corpus.add_to(app);
    app.add_option("--label-separator", separator, "Separator of the labels of a row; a list of JSON lines needs none")
        ->type_name("TEXT")
        ->group("Labels");
    app.add_option("--min-count", min_count, "Smallest number of rows of a label that is written")
        ->transform(range(std::uint64_t{1}))
        ->group("Labels");
  }
};

void require_key(LinePlace place, std::string_view key) {
  if (key.empty()) throw DataError(place.file, place.line, "label key is empty");
}

// Words that programs write for a missing value, and that may be labels too.
bool means_missing(std::string_view label) {
  constexpr std::string_view kWords[] = {"nan", "NaN", "None", "null", "NULL", "NA", "N/A", "#N/A", "\\N"};
  return std::ranges::find(kWords, label) != std::end(kWords);
}

// Calls use(place, fields) for each row, in order.
template <class Use>
CorpusCounts read_corpus(const CorpusInput& input, const std::vector<std::string>& wanted, Run& run, const Use& use) {
  RowReader reader(input.columns, input.invalid_utf8, wanted);
  CorpusTotals totals(run.observer());
  const Phase phase(run.observer(), "read", 0, "rows");
  for (const std::string& path : input.paths) {
    LineBlocks blocks = open_corpus(input, path);
    for (LineBlock block; blocks.next(block);) {
      BlockCounts counts;
      std::span<const std::string_view> fields;
      read_rows(
          block, blocks.name(), input.skip_bad_rows, counts,
          [&](LinePlace place, std::string_view line) {
            fields = reader.read(place, line);
            use(place, fields);
          },
          [] {});
      totals.add(counts);
    }
  }
  return totals.finish(input);
}

// A row a label, in the order of the catalogue.
CorpusCounts write_catalogue(const CorpusInput& input, OutputFile& out, Run& run) {
  std::vector<std::string> wanted = {"key"};
  for (const char* name : {"text", "count"})
    if (input.columns.has(name)) wanted.emplace_back(name);
  std::uint64_t labels = 0;
  const bool counts_follow_keys = wanted.size() == 2 && wanted[1] == "count";
  const CorpusCounts counts = read_corpus(input, wanted, run, [&](LinePlace place, auto fields) {
    require_key(place, fields[0]);
    out.write(fields[0]);
    for (const std::string_view field : fields.subspan(1))
      out.write(fmt::format("{}{}", counts_follow_keys ? "\t\t" : "\t", field));
    out.write("\n");
    ++labels;
  });
  run.record("labels", labels);
  return counts;
}

// Each label of the rows once, by increasing bytes, with the number of its rows.
CorpusCounts write_found(const LabelsOptions& options, const CorpusInput& input, OutputFile& out, Run& run) {
  StringCounts found;
  const bool is_single = input.columns.has("label") && !input.columns.has("labels");
  const CorpusCounts counts = read_corpus(input, {is_single ? "label" : "labels"}, run, [&](LinePlace, auto fields) {
    if (is_single) {
      if (!fields[0].empty()) found.add(fields[0]);
      return;
    }
    for_each_item(fields[0], options.separator, [&](std::string_view item) { found.add(item); });
  });
  std::uint64_t labels = 0;
  found.for_each([&](std::string_view label, std::uint64_t count) {
    if (count < options.min_count) return;
    if (means_missing(label))
      run.observer().warn(fmt::format("the label {} of {} rows is a word for a missing value; an empty field is none",
                                      quote(label), count));
    out.write(fmt::format("{}\t\t{}\n", label, count));
    ++labels;
  });
  if (labels == 0) throw DataError(input.paths.front(), fmt::format("no label has {} rows or more", options.min_count));
  run.record("labels", labels);
  return counts;
}

void write_labels_of(const LabelsOptions& options, Run& run) {
  const CorpusInput input = options.corpus.input();
  check_dash_once("stdin", {input.paths});
  check_dash_once("stdout", {{options.output, run.common().stats}});
  if (options.separator.empty()) throw ConfigError("--label-separator: is empty, text is needed");
  OutputFile out(options.output);
  const CorpusCounts counts =
      input.columns.has("key") ? write_catalogue(input, out, run) : write_found(options, input, out, run);
  out.commit();
  run.record("rows", counts.rows);
  run.record("skipped_rows", counts.skipped_rows);
}

}  // namespace

void add_labels(Tool& tool) {
  tool.command("labels",
               "Writes labels.txt: the labels that the rows of a corpus have, or, with a column key, a label for each "
               "row of a catalogue, with its text and count.",
               "xmr-featurize labels --columns labels=tags -o labels.txt train.csv\n"
               "xmr-featurize labels --columns key=sku,text=title -o labels.txt catalogue.csv",
               write_labels_of);
}

}  // namespace xmr::tools
