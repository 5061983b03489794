// xmr-predict: ranks the labels of instances with a trained model, or several together.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/corpus.hpp"
#include "xmr/io/file.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/io/npz.hpp"
#include "xmr/io/part_origin.hpp"
#include "xmr/predict/batch.hpp"
#include "xmr/predict/latency.hpp"
#include "xmr/predict/matrix_instances.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/predict/ranking_shard.hpp"
#include "xmr/predict/text_instances.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "common/options.hpp"
#include "common/part_number.hpp"
#include "common/tool.hpp"
#include "xmr-predict/answers.hpp"
#include "xmr-predict/commands.hpp"
#include "xmr-predict/label_restrictions.hpp"
#include "xmr-predict/options.hpp"

namespace xmr::tools {
namespace {

// Lines that cannot be read as instances. The first one stops the run, unless they are to be skipped and counted.
// Thread rule: unless_bad() from any thread.
class BadRows {
 public:
  explicit BadRows(bool skip) : skip_(skip) {}

  template <class Read>
  std::optional<Query> unless_bad(std::uint64_t line, const Read& read) {
    try {
      return read();
    } catch (const DataError& error) {
      if (!skip_) throw;
      const std::lock_guard lock(mutex_);
      if (count_++ == 0 || line < first_line_) {
        first_line_ = line;
        first_ = error.what();
      }
      return std::nullopt;
    }
  }

  void report(Run& run) const {
    run.record("bad_rows", count_);
    if (count_ > 0) run.observer().warn(fmt::format("bad rows without answers: {}; the first: {}", count_, first_));
  }

 private:
  const bool skip_;
  std::mutex mutex_;
  std::uint64_t count_ = 0, first_line_ = 0;
  std::string first_;
};

// The shard that is asked with --below, if one is.
std::unique_ptr<RankingShard> open_shard(const PredictOptions& options) {
  if (options.below.empty()) return nullptr;
  return std::make_unique<RankingShard>(options.models.front(), options.below);
}

ModelSet open_models(const PredictOptions& options, std::unique_ptr<RankingShard> shard) {
  ModelSet models = shard != nullptr ? ModelSet(std::move(shard)) : ModelSet(options.models);
  options.check(models);
  return models;
}

// What is answered with.
struct Models {
  Models(const PredictOptions& options, Run& run) : Models(options, run, open_shard(options)) {}
  Models(const PredictOptions& options, Run& run, std::unique_ptr<RankingShard> opened)
      : shard(opened.get()),
        set(open_models(options, std::move(opened))),
        request(options.request()),
        combination(options.combination()),
        labels(options, set, run.observer()),
        rescorer(options.rescoring, set, options.scores_otherwise()),
        k(request.k) {
    if (rescorer.reorders()) request.k = std::max(request.k, options.candidates);
    request.allowed = labels.allowed();
    request.counts = &counts;
  }
  MakeRanker rankers(const FeatureSpaces& spaces) const {
    return [this, &spaces] { return rescorer.rescored(set.ranker(request, spaces, combination), k); };
  }
  // What determines the answers.
  nlohmann::ordered_json content(const PartOf& part, const std::string& of) const {
    nlohmann::ordered_json content = set.describe(request, combination);
    labels.describe(content);
    rescorer.describe(content);
    record_part(part, of, content);
    return content;
  }

  // What all parts of the rows have in common beside that. `instances`: their fingerprint.
  std::string made_of(const std::string& instances) const {
    Fingerprint print;
    print.add(version());
    for (std::size_t i = 0; i < set.size(); ++i)
      print.add(set[i].fingerprint());
    return print.add(instances).hex();
  }

  // What is asked for row first + row; nothing of a shard that has none of the row's nodes.
  std::optional<Query> question(Query query, Row first, Row row) const {
    if (shard == nullptr) return labels.restrict(query, first + row);
    query.below = shard->start(row);
    if (query.below->empty()) return std::nullopt;
    return query;
  }

  const RankingShard* shard;  // that is the set; or none
  ModelSet set;
  RankRequest request;
  Combination combination;
  LabelRestrictions labels;
  Rescorer rescorer;
  std::uint32_t k;      // answers to a row, of which `request` may ask for more
  SearchCounts counts;  // by all threads
};

void report(const SearchCounts& counts, Run& run) {
  if (counts.parents == 0) return;
  run.record("parents_visited", counts.parents.load());
  run.record("nodes_visited", counts.nodes.load());
}

InputFile open_text(const PredictOptions& options) {
  return InputFile(options.corpus.empty() ? inputs_or_stdin({}).front() : options.corpus);
}

// The next lines. What is no text is recognised only now: to look ahead would be to wait for more than a line.
bool next_lines(LineBlocks& input, LineBlock& block) {
  if (!input.next(block)) return false;
  const FileKind kind = block.first_line == 1 ? recognize(block.text) : FileKind::text;
  if (kind == FileKind::npz || kind == FileKind::npy)
    throw DataError(input.name(), "is a file of arrays, not text", "features are given with -x");
  return true;
}

// The rows that are answered: those of --part, or, of a shard, of the part that its top answered. And what that is of.
std::pair<PartOf, std::string> part_of_rows(const PredictOptions& options, const Models& models,
                                            const MatrixInstances& instances) {
  if (models.shard == nullptr)
    return {options.part(), options.part().is_whole() ? "" : models.made_of(instances.fingerprint())};
  const PartOrigin nodes(options.below, models.shard->nodes_content());
  const Row rows = nodes.part.end(instances.rows()) - nodes.part.begin(instances.rows());
  if (models.shard->rows() != rows)
    throw DataError(options.below,
                    fmt::format("{} rows, but {} has {}", models.shard->rows(), options.features.front(), rows));
  return {nodes.part, nodes.of};
}

// By this a corpus is known again, of which each part reads but its own share.
std::string fingerprint_of_text(const PredictOptions& options) {
  std::error_code none;  // then it cannot be read either
  return Fingerprint().add(std::uint64_t{std::filesystem::file_size(options.corpus, none)}).add(options.columns).hex();
}

void rank_features(const PredictOptions& options, const Models& models, Run& run) {
  MatrixInstances instances(models.set, options.features, run.common().threads);
  models.labels.require_rows(instances.rows(), options.features.front());
  const auto [part, of] = part_of_rows(options, models, instances);
  const Row first = part.begin(instances.rows()), rows = part.end(instances.rows()) - first;
  instances.check_rows(first, first + rows);
  BatchPredictor predict(models.rankers(instances.spaces()), run.parallel());
  Answers answers(options, models.set, models.request, models.content(part, of), first, predict.tells_keys());
  {
    const Phase phase(run.observer(), "predict", rows, "rows");
    const auto read = [&](Row row, unsigned worker) {
      return models.question(instances.read(first + row, worker), first, row);
    };
    Row delivered = first;
    predict(rows, read, [&](CsrView ranked, std::span<const RankKeys> keys) {
      answers.write(ranked, keys, [&](Row row) -> Answers::Instance {
        const Query query = instances.read(delivered + row, 0);
        return {query, fmt::format("{} features", query.features.size())};
      });
      delivered += ranked.rows;
    });
  }
  answers.commit();
  run.record("rows", rows);
}

// What comes through a pipe is answered before more is waited for.
void rank_text(const PredictOptions& options, const Models& models, Run& run) {
  TextInstances instances(models.set, options.columns_of(models.set), options.utf8(), run.common().threads);
  InputFile input = open_text(options);
  const bool is_stream = !input.is_regular();
  LineBlocks blocks = options.part().is_whole()
                          ? LineBlocks(std::move(input), is_stream ? Delivery::as_it_arrives : Delivery::full_blocks)
                          : LineBlocks(options.corpus, options.part());
  const Row first_row = blocks.next_line() - 1;
  BatchPredictor predict(models.rankers(instances.spaces()), run.parallel());
  const std::string of = options.part().is_whole() ? "" : models.made_of(fingerprint_of_text(options));
  Answers answers(options, models.set, models.request, models.content(options.part(), of), first_row,
                  predict.tells_keys());
  BadRows bad(options.skip_bad_rows);
  Row rows = first_row;
  const auto rank = [&](std::span<const Line> lines) {
    const auto read = [&](Row row, unsigned worker) {
      const LinePlace place{blocks.name(), lines[row].number};
      models.labels.require_row(rows + row, place);
      return bad.unless_bad(place.line, [&] {
        return models.labels.restrict(instances.read(place, lines[row].text, worker), rows + row);
      });
    };
    Row delivered = 0;
    predict(lines.size(), read, [&](CsrView ranked, std::span<const RankKeys> keys) {
      answers.write(ranked, keys, [&](Row row) -> Answers::Instance {
        const Line& line = lines[delivered + row];
        const LinePlace place{blocks.name(), line.number};
        Answers::Instance instance{{}, std::string(line.text)};
        if (ranked.row(row).size() == 0 && options.picture.empty()) return instance;  // perhaps a bad one
        const bool completes = models.set[0].completion() != nullptr;
        instance.query = completes ? instances.request(place, line.text, 0) : instances.read(place, line.text, 0);
        return instance;
      });
      delivered += ranked.rows;
    });
    rows += lines.size();
    if (is_stream || options.line_buffered) answers.flush();
  };
  {
    const Phase phase(run.observer(), "predict", 0, "rows");
    std::vector<Line> lines;
    for (LineBlock block; next_lines(blocks, block);) {
      lines.clear();
      for (const Line line : block)
        lines.push_back(line);
      const std::size_t at_once = options.line_buffered ? 1 : lines.size();
      for (std::size_t first = 0; first < lines.size(); first += at_once)
        rank(std::span(lines).subspan(first, at_once));
    }
  }
  if (rows == 0 && options.part().is_whole()) throw DataError(blocks.name(), "no rows");
  if (options.part().is_last()) models.labels.require_rows(rows, blocks.name());
  answers.commit();
  run.record("rows", rows - first_row);
  bad.report(run);
}

void print(const Latency& latency, Run& run) {
  fmt::print("queries\t{}\nmean_us\t{:.1f}\np50_us\t{:.1f}\np90_us\t{:.1f}\np99_us\t{:.1f}\nmax_us\t{:.1f}\n",
             latency.queries, latency.mean, latency.p50, latency.p90, latency.p99, latency.max);
  run.record("rows", latency.queries);
  run.record("latency_us", nlohmann::ordered_json{{"mean", latency.mean},
                                                  {"p50", latency.p50},
                                                  {"p90", latency.p90},
                                                  {"p99", latency.p99},
                                                  {"max", latency.max}});
}

void time_features(const PredictOptions& options, const Models& models, Run& run) {
  MatrixInstances instances(models.set, options.features, 1);
  models.labels.require_rows(instances.rows(), options.features.front());
  const PartOf part = part_of_rows(options, models, instances).first;
  const Row first = part.begin(instances.rows());
  instances.check_rows(first, part.end(instances.rows()));
  std::vector<Row> rows;  // that there is something to ask for
  for (Row row = 0; row < part.end(instances.rows()) - first; ++row)
    if (models.question({}, first, row)) rows.push_back(row);
  const std::unique_ptr<Ranker> ranker = models.rankers(instances.spaces())();
  const auto query = [&](Row i) { (*ranker)(*models.question(instances.read(first + rows[i], 0), first, rows[i])); };
  print(measure_latency(rows.size(), query, run.observer()), run);
}

// From a line of text to labels. All lines are in memory before the first is timed.
void time_text(const PredictOptions& options, const Models& models, Run& run) {
  TextInstances instances(models.set, options.columns_of(models.set), options.utf8(), 1);
  LineBlocks input(open_text(options));
  std::deque<LineBlock> blocks;  // the lines point into them
  std::vector<Line> lines;
  while (next_lines(input, blocks.emplace_back()))
    for (const Line line : blocks.back())
      lines.push_back(line);
  if (lines.empty()) throw DataError(input.name(), "no rows");
  models.labels.require_rows(lines.size(), input.name());
  const std::unique_ptr<Ranker> ranker = models.rankers(instances.spaces())();
  const auto query = [&](Row row) {
    (*ranker)(models.labels.restrict(instances.read({input.name(), lines[row].number}, lines[row].text, 0), row));
  };
  print(measure_latency(lines.size(), query, run.observer()), run);
}

void predict(const PredictOptions& options, Run& run) {
  options.check();
  check_dash_once("stdout", {{options.output, options.picture, run.common().stats}});
  const Models models(options, run);
  if (options.features.empty())
    options.latency ? time_text(options, models, run) : rank_text(options, models, run);
  else
    options.latency ? time_features(options, models, run) : rank_features(options, models, run);
  report(models.counts, run);
}

}  // namespace
}  // namespace xmr::tools

int main(int argc, char** argv) {
  using namespace xmr::tools;
  Tool tool("xmr-predict",
            "Ranks the labels of instances with a trained model, or with several together. Instances are lines of "
            "text, which the "
            "models' own vectorizers read, or rows of a matrix of features. Text from a pipe is answered line by line.",
            "echo \"wireless echo with screen\" | xmr-predict -m model.npz -k 5\n"
            "xmr-predict -m model.npz -x X.npz -o P.npz && xmr-eval -y Y.npz P.npz");
  tool.command(predict);
  add_fuse(tool);
  add_merge(tool);
  add_type(tool);
  return tool.main(argc, argv);
}
