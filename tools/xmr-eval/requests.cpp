#include "xmr-eval/requests.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "xmr/evaluate/measure.hpp"
#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"

namespace xmr::tools {
namespace {

Requests read_pairs(const std::string& path) {
  Requests requests;
  RowReader reader(CorpusColumns("previous,prefix,next", false), InvalidUtf8::replace, {"previous", "prefix", "next"});
  LineBlocks blocks = open_corpus(path);
  for (LineBlock block; blocks.next(block);)
    for (const Line line : block) {
      const std::span<const std::string_view> texts = reader.read({blocks.name(), line.number}, line.text);
      requests.previous.emplace_back(texts[0]);
      requests.prefix.emplace_back(texts[1]);
      requests.next.emplace_back(texts[2]);
    }
  return requests;
}

}  // namespace

void RequestOptions::add_to(CLI::App& app) {
  const auto option = [&](const char* name, std::string& value, const char* about) {
    return app.add_option(name, value, about)->type_name("FILE")->group("Completion");
  };
  option("--pairs", pairs, "The requests of the rows: previous, prefix, next; for keystrokes, bleu and --split");
  option("--train-pairs", train_pairs, "Those of the training rows, for --split seen-previous and seen-pair");
  app.add_option(
         "--split", split,
         "Metrics of groups of rows, too: by characters typed (prefix-length), by whether train has the previous "
         "query (seen-previous) or the pair (seen-pair), by rows of the label in --train-y (label-frequency)")
      ->type_name("NAME")
      ->check(one_of({"prefix-length", "seen-previous", "seen-pair", "label-frequency"}).description(""))  // too wide
      ->group("Completion");
}

void RequestOptions::check(const std::vector<Metric>& metrics, bool has_names, bool has_train_truth) const {
  for (const Metric metric : metrics) {
    if (metric.measure->reads.requests && pairs.empty()) throw ConfigError(metric.name() + " needs --pairs");
    if (metric.measure->reads.keys && !has_names)
      throw ConfigError(metric.name() + " needs --labels", "it compares the keys of labels with the next query");
    if (metric.is_pooled() && !split.empty())
      throw ConfigError(metric.name() + " is no sum over rows and cannot be split");
  }
  const bool is_seen = split == "seen-previous" || split == "seen-pair";
  if ((is_seen || split == "prefix-length") && pairs.empty())
    throw ConfigError(fmt::format("--split {} needs --pairs", split));
  if (is_seen && train_pairs.empty()) throw ConfigError(fmt::format("--split {} needs --train-pairs", split));
  const bool has_reader =
      std::ranges::any_of(metrics, [](const Metric& metric) { return metric.measure->reads.requests; });
  const bool are_read = is_seen || split == "prefix-length" || has_reader;
  if (!pairs.empty() && !are_read) throw ConfigError("--pairs: neither a metric nor --split reads them");
  if (!train_pairs.empty() && !is_seen)
    throw ConfigError("--train-pairs: --split seen-previous and seen-pair read them");
  if (split == "label-frequency" && !has_train_truth) throw ConfigError("--split label-frequency needs --train-y");
}

std::optional<Requests> RequestOptions::read_requests(Row rows) const {
  if (pairs.empty()) return std::nullopt;
  Requests requests = read_pairs(pairs);
  if (requests.size() != rows)
    throw DataError(pairs, fmt::format("{} rows, but there are {} of labels", requests.size(), rows));
  return requests;
}

std::vector<RowGroup> RequestOptions::groups(const std::optional<Requests>& requests, CsrView truth,
                                             const std::string& train) const {
  if (split == "prefix-length") return split_by_prefix_length(*requests);
  if (split == "seen-previous") return split_by_seen_previous(*requests, read_pairs(train_pairs));
  if (split == "seen-pair") return split_by_seen_pair(*requests, read_pairs(train_pairs));
  if (split == "label-frequency") return split_by_label_frequency(truth, MatrixFile(train).view());
  return {};
}

}  // namespace xmr::tools
