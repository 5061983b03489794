// xmr-predict: ranks the labels of instances with a trained model, or several together.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/distributed/corpus_identity.hpp"
#include "xmr/distributed/part_origin.hpp"
#include "xmr/io/corpus.hpp"
#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/io/row_converter.hpp"
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

// Opens the shard, if --below was given.
std::unique_ptr<RankingShard> open_shard(const PredictOptions& options) {
  if (options.below.empty()) return nullptr;
  return std::make_unique<RankingShard>(options.models.front(), options.below);
}

ModelSet open_models(const PredictOptions& options, std::unique_ptr<RankingShard> shard) {
  ModelSet models = shard != nullptr ? ModelSet(std::move(shard)) : ModelSet(options.models);
  options.check(models);
  return models;
}

// The models that answer, and the request to them.
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
    request.completion.makes_queries = options.unseen > 0 && options.form() != PredictionForm::npz &&
                                       options.source == CompletionSource::fused &&
                                       set[0].capabilities().completion != nullptr && !rescorer.is_wanted() &&
                                       options.allow.empty() && options.categories.empty();
    if (rescorer.reorders()) request.k = std::max(request.k, options.candidates);
    request.allowed = labels.allowed();
    request.completion.blocked = labels.blocked();
    request.counts = &counts;
  }
  MakeRanker rankers(const FeatureSpaces& spaces) const {
    return [this, &spaces] { return rescorer.rescored(set.ranker(request, spaces, combination), k); };
  }
  // Returns the record of everything that determines the answers.
  Json content(const PartOf& part, const std::string& of) const {
    Json content = set.describe(request, combination);
    labels.describe(content);
    rescorer.describe(content);
    record_part(part, of, content);
    return content;
  }

  // Returns the fingerprint of the models and the instances, the same for all parts of the rows. `instances`: the
  // fingerprint of the instances.
  std::string made_of(const std::string& instances) const {
    Fingerprint print;
    print.add(version());
    for (std::size_t i = 0; i < set.size(); ++i)
      print.add(set[i].fingerprint());
    return print.add(instances).hex();
  }

  // Returns the query for row first + row with its restrictions. If a shard has none of the row's nodes, returns none.
  std::optional<Query> restrict(Query query, Row first, Row row) const {
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
  std::uint32_t k;      // answers to a row; `request` may ask for more
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

// Returns the part of the rows to answer, and the fingerprint of the whole. The part is from --part; for a shard, the
// part that its top answered.
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

// The rows to answer, and their place in the whole.
struct Source {
  std::unique_ptr<Instances> instances;
  std::string name;        // of the first file
  PartOf part;             // of the rows of the whole
  std::string of;          // the fingerprint of the whole; empty unless `part` is a part
  Row first = 0;           // the number of the first row in the whole
  bool is_stream = false;  // the answers of a block are sent before the next block is read
};

Source open_features(const PredictOptions& options, const Models& models, unsigned threads) {
  auto instances = std::make_unique<MatrixInstances>(models.set, options.features, threads);
  const Row rows = instances->rows();
  models.labels.require_rows(rows, options.features.front());
  if (!options.ids.empty()) instances->set_ids(RowIds::read(options.ids, rows, options.features.front()));
  const auto [part, of] = part_of_rows(options, models, *instances);
  const Row first = part.begin(rows);
  instances->select(first, part.end(rows));
  return {std::move(instances), options.features.front(), part, of, first};
}

// Reads CSV, JSON lines or TSV with a header, if columns have sources.
void name_columns(LineBlocks& lines, const PredictOptions& options, const CorpusColumns& columns) {
  if (!options.part().is_whole()) {
    if (columns.sources().empty()) return;
    throw ConfigError("--part: parts are cut out of lines of TSV, without a header");
  }
  constexpr std::size_t kStart = 4096;  // the limit of InputFile::peek()
  const std::string_view start = columns.sources().empty() ? "" : lines.peek(kStart);
  lines.convert_by(make_row_converter(lines.name(), columns, RowFormat::automatic, start));
}

Source open_lines(const PredictOptions& options, const Models& models, unsigned threads) {
  const CorpusColumns columns = options.columns_of(models.set);
  QueryReader reader(models.set, columns, options.invalid_utf8, threads);
  InputFile file = open_text(options);
  const bool is_stream = !file.is_regular();
  LineBlocks lines = options.part().is_whole()
                         ? LineBlocks(std::move(file), is_stream ? Delivery::as_it_arrives : Delivery::full_blocks)
                         : LineBlocks(options.corpus, options.part());
  name_columns(lines, options, columns);
  const std::string name = lines.name();
  const Row first = lines.next_line() - 1;
  const auto block = options.latency         ? TextInstances::Block::whole_input
                     : options.line_buffered ? TextInstances::Block::single_line
                                             : TextInstances::Block::as_read;
  return {std::make_unique<TextInstances>(std::move(reader), std::move(lines), block),
          name,
          options.part(),
          options.part().is_whole() ? "" : models.made_of(corpus_identity({&options.corpus, 1}, columns)),
          first,
          is_stream || options.line_buffered};
}

void rank(const PredictOptions& options, const Models& models, const Source& source, Run& run) {
  Instances& instances = *source.instances;
  BatchPredictor predict(models.rankers(instances.spaces()), run.parallel());
  Answers answers(options, models.set, models.request, models.content(source.part, source.of), source.first,
                  predict.tells_keys());
  BadRows bad(options.skip_bad_rows);
  Row rows = 0;  // in the blocks before
  {
    const Phase phase(run.observer(), "predict", instances.total(), "rows");
    while (const Row block = instances.next_block()) {
      const auto read = [&](Row row, unsigned worker) {
        const LinePlace place = instances.place(row);
        models.labels.require_row(source.first + rows + row, place);
        return bad.unless_bad(place.line,
                              [&] { return models.restrict(instances.read(row, worker), source.first, rows + row); });
      };
      Row delivered = 0;
      predict(block, read, [&](CsrView ranked, std::span<const RankKeys> keys) {
        const auto read_shown = [&](Row row) -> Answers::Instance {
          Answers::Instance instance{{}, instances.describe(delivered + row)};
          const bool has_query = ranked.row(row).size() > 0 || !options.picture.empty();  // else it may be a bad row
          if (has_query) instance.query = instances.read(delivered + row, 0);
          return instance;
        };
        answers.write(ranked, keys, read_shown, [&](Row row) { return instances.id(delivered + row); });
        delivered += ranked.rows;
      });
      rows += block;
      if (source.is_stream) answers.flush();
    }
  }
  const bool is_text = options.features.empty();
  if (is_text && rows == 0 && source.part.is_whole()) throw DataError(source.name, "no rows");
  if (is_text && source.part.is_last()) models.labels.require_rows(source.first + rows, source.name);
  answers.commit();
  run.record("rows", rows);
  instances.report(run.observer());
  if (is_text) bad.report(run);
}

void print(const Latency& latency, Run& run) {
  fmt::print("queries\t{}\nmean_us\t{:.1f}\np50_us\t{:.1f}\np90_us\t{:.1f}\np99_us\t{:.1f}\nmax_us\t{:.1f}\n",
             latency.queries, latency.mean, latency.p50, latency.p90, latency.p99, latency.max);
  run.record("rows", latency.queries);
  run.record("latency_us", Json{{"mean", latency.mean},
                                {"p50", latency.p50},
                                {"p90", latency.p90},
                                {"p99", latency.p99},
                                {"max", latency.max}});
}

// Times single queries, from the row as it was read to its labels.
void time(const PredictOptions& options, const Models& models, const Source& source, Run& run) {
  Instances& instances = *source.instances;
  const Row count = instances.next_block();
  if (count == 0) throw DataError(source.name, "no rows");
  if (options.features.empty()) models.labels.require_rows(count, source.name);
  std::vector<Row> rows;  // the rows that have a query
  for (Row row = 0; row < count; ++row)
    if (models.restrict({}, source.first, row)) rows.push_back(row);
  const std::unique_ptr<Ranker> ranker = models.rankers(instances.spaces())();
  const auto query = [&](Row i) { (*ranker)(*models.restrict(instances.read(rows[i], 0), source.first, rows[i])); };
  print(measure_latency(rows.size(), query, run.observer()), run);
}

void predict(const PredictOptions& options, Run& run) {
  options.check();
  check_dash_once("stdout", {{options.output, options.picture, run.common().stats}});
  const Models models(options, run);
  const unsigned threads = options.latency ? 1 : run.common().threads;
  const Source source =
      options.features.empty() ? open_lines(options, models, threads) : open_features(options, models, threads);
  if (options.latency)
    time(options, models, source, run);
  else
    rank(options, models, source, run);
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
