#include "xmr/predict/ranking_shard.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/predict/batch.hpp"
#include "xmr/predict/shard_merge.hpp"
#include "xmr/sparse/predictions.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/plain_model.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

using Read = std::function<std::optional<Query>(Row)>;

// Answers to all queries as xmr-predict writes them.
void write_answers(const RankingModel& model, const RankRequest& request, Row rows, const Read& read,
                   const std::string& path) {
  Parallel parallel(1);
  BatchPredictor predict([&] { return model.ranker(request); }, parallel);
  PredictionWriter out(path, {.form = PredictionForm::npz,
                              .labels = model.labels(),
                              .has_keys = predict.tells_keys(),
                              .content = model.describe(request)});
  predict(
      rows, [&](Row row, unsigned) { return read(row); },
      [&](CsrView ranked, std::span<const RankKeys> keys) { out.write(ranked, keys); });
  out.commit();
}

void write_merged(const std::vector<std::string>& parts, const std::string& path) {
  ShardMerge merge(parts);
  PredictionWriter out(path, {.form = PredictionForm::npz,
                              .labels = merge.labels(),
                              .has_keys = merge.is_of_top(),
                              .content = merge.content()});
  for (Row row = 0; row < merge.rows(); ++row) {
    const CsrView answers = merge(row);
    out.write(answers, merge.keys());
  }
  out.commit();
}

// Asks each shard in a folder about the nodes that the top found.
void ask_shards(const std::string& folder, std::uint32_t shards, const std::string& nodes, std::uint32_t k,
                CsrView queries, const std::string& path) {
  std::vector<std::string> parts;
  for (std::uint32_t i = 0; i < shards; ++i) {
    const RankingShard shard(fmt::format("{}/shard-{}.npz", folder, i), nodes);
    const auto read = [&](Row row) -> std::optional<Query> {
      Query query{queries.row(row)};
      query.below = shard.start(row);
      if (query.below->empty()) return std::nullopt;
      return query;
    };
    parts.push_back(fmt::format("{}/part-{}.npz", folder, i));
    write_answers(shard, {.k = k}, queries.rows, read, parts.back());
  }
  write_merged(parts, path);
}

std::string bytes_of(const std::string& path) {
  return std::string(NpzFile(path).bytes());
}

// Some labels without a place, as PECOS prunes them.
void leave_labels_out(Random& random, test::PlainModel& model) {
  std::vector<std::vector<std::uint32_t>> offsets;
  for (std::size_t level = 0; level < model.tree.depth(); ++level)
    offsets.emplace_back(model.tree.offsets(level).begin(), model.tree.offsets(level).end());
  std::vector<LabelId> labels(model.tree.labels().begin(), model.tree.labels().end());
  for (LabelId& label : labels)
    label = 3 * label + static_cast<LabelId>(random.below(3));
  const std::uint64_t count = 3 * labels.size();
  model.tree = LabelTree(std::move(offsets), std::move(labels), count);
}

}  // namespace

TEST_CASE("shards and their top give the bytes of the whole model's answers") {
  const test::TemporaryDirectory folder;
  const std::string post_processor = GENERATE("l3-hinge", "log-sigmoid", "sigmoid", "noop");
  const TieRule ties = GENERATE(TieRule::margin, TieRule::position);
  const WeightType type = GENERATE(WeightType::i1, WeightType::f2, WeightType::f4);
  Random random(41);
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round, post_processor, ties == TieRule::margin);
    test::PlainModel plain = test::random_model(random, 12);
    if (plain.tree.depth() < 2) continue;
    if (round % 3 == 0) leave_labels_out(random, plain);
    PredictDefaults defaults{.post_processor = post_processor, .beam = 3, .ties = ties};
    if (round % 4 == 0)
      for (std::size_t level = 1; level < plain.tree.depth(); ++level)
        defaults.level_beams.push_back(static_cast<std::uint32_t>(1 + level));
    const std::uint32_t beam = defaults.level_beams.empty() ? 3 : defaults.level_beams.back();
    plain.write(folder / "model.npz", defaults, type);
    const CsrMatrix queries = test::random_queries(random, 12, 20);
    const auto read = [&](Row row) { return Query{queries.view().row(row)}; };
    const auto whole = open_ranking_model(folder / "model.npz");
    write_answers(*whole, {.k = 5}, queries.rows(), read, folder / "whole.npz");
    for (const std::uint32_t shards : {1U, 3U, 8U}) {
      const std::string pieces = folder / fmt::format("pieces-{}-{}", round, shards);
      split(XrLinearModel::open(folder / "model.npz"), shards, pieces, Observer::none());
      write_answers(*open_ranking_model(pieces + "/top.npz"), {.k = beam}, queries.rows(), read, folder / "nodes.npz");
      ask_shards(pieces, shards, folder / "nodes.npz", 5, queries, folder / "merged.npz");
      CHECK(bytes_of(folder / "merged.npz") == bytes_of(folder / "whole.npz"));
      if (plain.tree.depth() < 3) continue;
      // A top that is split again finds the same nodes.
      split(XrLinearModel::open(pieces + "/top.npz"), shards, pieces + "/top", Observer::none());
      const std::uint32_t beam_above =
          defaults.level_beams.empty() ? 3 : defaults.level_beams[defaults.level_beams.size() - 2];
      write_answers(*open_ranking_model(pieces + "/top/top.npz"), {.k = beam_above}, queries.rows(), read,
                    folder / "nodes-above.npz");
      ask_shards(pieces + "/top", shards, folder / "nodes-above.npz", beam, queries, folder / "nodes-merged.npz");
      CHECK(bytes_of(folder / "nodes-merged.npz") == bytes_of(folder / "nodes.npz"));
    }
  }
}

TEST_CASE("a shard is no model, and answers nobody but its own top") {
  const test::TemporaryDirectory folder;
  Random random(42);
  const CsrMatrix queries = test::random_queries(random, 12, 3);
  const auto read = [&](Row row) { return Query{queries.view().row(row)}; };
  for (const std::string name : {"a", "b"}) {
    test::PlainModel plain = test::random_model(random, 12);
    while (plain.tree.depth() < 2)
      plain = test::random_model(random, 12);
    plain.write(folder / (name + ".npz"));
    split(XrLinearModel::open(folder / (name + ".npz")), 2, folder / name, Observer::none());
    write_answers(*open_ranking_model(folder / (name + "/top.npz")), {.k = 10}, queries.rows(), read,
                  folder / (name + "-nodes.npz"));
  }
  const std::string shard = folder / "a/shard-0.npz", nodes = folder / "a-nodes.npz";
  CHECK_THROWS_WITH(open_ranking_model(shard), shard + ": is a shard of a model, not a whole one");
  CHECK_THROWS_WITH(XrLinearModel::open(shard), shard + ": is a shard of a model, not a whole one");
  CHECK_THROWS_WITH(RankingShard(folder / "a.npz", nodes),
                    (folder / "a.npz") + ": a model of type 'xr-linear', xr-linear-shard is needed");
  CHECK_THROWS_WITH(
      RankingShard(shard, folder / "b-nodes.npz"),
      (folder / "b-nodes.npz") + ": was made with the top of another model than the one that " + shard + " is of");
  write_answers(*open_ranking_model(folder / "a.npz"), {.k = 2}, queries.rows(), read, folder / "answers.npz");
  CHECK_THROWS_WITH(RankingShard(shard, folder / "answers.npz"),
                    (folder / "answers.npz") + ": holds no answers of the top of a model in shards");
  PredictionWriter bare(folder / "bare.npz", {.form = PredictionForm::npz, .content = PredictionFile(nodes).content()});
  bare.commit();
  CHECK_THROWS_WITH(
      RankingShard(shard, folder / "bare.npz"),
      (folder / "bare.npz") + ": does not tell what its nodes were ranked by: it was cut, joined or fused");
}

TEST_CASE("a merge takes the answers of each shard once, to the same questions") {
  const test::TemporaryDirectory folder;
  Random random(43);
  test::PlainModel plain = test::random_model(random, 12);
  while (plain.tree.depth() < 2)
    plain = test::random_model(random, 12);
  plain.write(folder / "model.npz");
  split(XrLinearModel::open(folder / "model.npz"), 2, folder / "pieces", Observer::none());
  const CsrMatrix queries = test::random_queries(random, 12, 4);
  const auto read = [&](Row row) { return Query{queries.view().row(row)}; };
  const auto top = open_ranking_model(folder / "pieces/top.npz");
  const auto ask = [&](std::uint32_t beam, std::uint32_t k, const std::string& name) {
    write_answers(*top, {.k = beam}, queries.rows(), read, folder / "nodes.npz");
    ask_shards(folder / "pieces", 2, folder / "nodes.npz", k, queries, folder / "merged.npz");
    for (const std::string part : {"0", "1"})
      NpzWriter::rewrite(NpzFile(folder / ("pieces/part-" + part + ".npz")), folder / (name + part + ".npz"));
  };
  ask(10, 3, "a");
  ask(10, 4, "k");
  ask(1, 3, "n");
  const auto merge = [&](const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    for (const std::string& name : names)
      paths.push_back(folder / (name + ".npz"));
    return ShardMerge(paths).rows();
  };
  const auto path = [&](const std::string& name) { return folder / (name + ".npz"); };
  CHECK(merge({"a1", "a0"}) == 4);
  CHECK_THROWS_WITH(merge({"a1"}), path("a1") + ": is of one of 2 shards, and the answers of shard 0 are missing");
  CHECK_THROWS_WITH(merge({"a0", "a0"}), path("a0") + ": is of shard 0, as " + path("a0") + " is");
  CHECK_THROWS_WITH(merge({"a0", "k1"}), path("k1") + ": was made with other options than " + path("a0"));
  CHECK_THROWS_WITH(merge({"a0", "n1"}),
                    path("n1") + ": is of another model than " + path("a0") + ", or answers for other nodes");
  CHECK_THROWS_WITH(merge({"nodes"}), path("nodes") + ": holds no answers of a shard");
}

TEST_CASE("a shard, its nodes and its answers are refused cut off or changed, or read the same", "[damage]") {
  const test::TemporaryDirectory folder;
  Random random(44);
  test::PlainModel plain = test::random_model(random, 12);
  while (plain.tree.depth() < 2 || plain.tree.nodes(plain.tree.depth() - 1) > 30)
    plain = test::random_model(random, 12);
  plain.write(folder / "model.npz");
  split(XrLinearModel::open(folder / "model.npz"), 1, folder / "pieces", Observer::none());
  const CsrMatrix queries = test::random_queries(random, 12, 3);
  const auto read = [&](Row row) { return Query{queries.view().row(row)}; };
  const std::string shard = folder / "pieces/shard-0.npz", nodes = folder / "nodes.npz";
  const std::string part = folder / "pieces/part-0.npz", merged = folder / "merged.npz";
  write_answers(*open_ranking_model(folder / "pieces/top.npz"), {.k = 3}, queries.rows(), read, nodes);
  ask_shards(folder / "pieces", 1, nodes, 3, queries, merged);
  const std::string expected = bytes_of(merged);
  for (const std::string& path : {shard, nodes, part}) {
    const std::string whole = bytes_of(path);
    const auto ask = [&](const std::string& bytes) {
      test::write_file(path, bytes);
      if (path == part)
        write_merged({part}, merged);
      else
        ask_shards(folder / "pieces", 1, nodes, 3, queries, merged);
      CHECK(bytes_of(merged) == expected);
    };
    test::Damage damage("shard, nodes or part", whole);
    CHECK(damage.cut(ask) == whole.size());
    damage.change({0x20}, ask);
    test::write_file(path, whole);
  }
}
