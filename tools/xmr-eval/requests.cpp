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
  option("--pairs", pairs, "Requests of the rows (previous, prefix, next), for keystrokes, bleu and --split");
  option("--train-pairs", train_pairs, "Requests of the training rows, for --split seen-previous and seen-pair");
  add_named(app, "--split", split, "Groups of rows that metrics are printed for, too")->group("Completion");
}

void RequestOptions::check(const std::vector<Metric>& metrics, bool has_names, bool has_train_truth) const {
  for (const Metric metric : metrics) {
    if (metric.measure->reads.requests && pairs.empty()) throw ConfigError(metric.name() + " needs --pairs");
    if (metric.measure->reads.keys && !has_names)
      throw ConfigError(metric.name() + " needs --labels", "it compares the keys of labels with the next query");
    if (metric.is_pooled() && split) throw ConfigError(metric.name() + " is not a sum over rows and cannot be split");
  }
  const bool is_seen = split == Split::seen_previous || split == Split::seen_pair;
  if ((is_seen || split == Split::prefix_length) && pairs.empty())
    throw ConfigError(fmt::format("--split {} needs --pairs", name_of(*split)));
  if (is_seen && train_pairs.empty()) throw ConfigError(fmt::format("--split {} needs --train-pairs", name_of(*split)));
  const bool has_reader =
      std::ranges::any_of(metrics, [](const Metric& metric) { return metric.measure->reads.requests; });
  const bool are_read = is_seen || split == Split::prefix_length || has_reader;
  if (!pairs.empty() && !are_read) throw ConfigError("--pairs: neither a metric nor --split reads them");
  if (!train_pairs.empty() && !is_seen) throw ConfigError("--train-pairs: needs --split seen-previous or seen-pair");
  if (split == Split::label_frequency && !has_train_truth) throw ConfigError("--split label-frequency needs --train-y");
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
  if (!split) return {};
  switch (*split) {
    case Split::prefix_length:
      return split_by_prefix_length(*requests);
    case Split::seen_previous:
      return split_by_seen_previous(*requests, read_pairs(train_pairs));
    case Split::seen_pair:
      return split_by_seen_pair(*requests, read_pairs(train_pairs));
    case Split::label_frequency:
      return split_by_label_frequency(truth, MatrixFile(train).view());
  }
  return {};  // not reached
}

}  // namespace xmr::tools
