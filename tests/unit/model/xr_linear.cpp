#include "xmr/model/xr_linear.hpp"

#include <cstring>

#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/io/json.hpp"
#include "xmr/model/chunk_builder.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/sparse_archive.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using test::TemporaryDirectory;

namespace {

// Five labels below three nodes, one without children; the features are from a small vectorizer.
struct ModelSample {
  LabelTree tree{{{0, 3}, {0, 2, 2, 5}}, {4, 0, 3, 1, 2}};
  Vectorizer vectorizer = fit();
  LabelNames names;
  std::vector<LevelChunks> levels{2};

  ModelSample() {
    for (const char* key : {"a", "bee", "c", "dee", "e"})
      names.add(key, std::strlen(key) > 1 ? "text" : "", 0);
    for (std::size_t level = 0; level < 2; ++level)
      for (NodeId parent = 0; parent < tree.parents(level); ++parent) {
        const NodeId children = tree.children(level, parent).size();
        ChunkBuilder builder(children, vectorizer.features(), WeightType::f2);
        for (NodeId child = 0; child < children; ++child)
          builder.set_bias(child, -1.0F - static_cast<float>(child));
        if (children > 0) {
          builder.add(0, std::vector<ChildWeight>{{0, 0.5F}});
          builder.add(2, std::vector<ChildWeight>{{0, 0.25F}, {1, -0.5F}});
        }
        builder.finish(levels[level].emplace_back());
      }
  }

  static Vectorizer fit() {
    VectorizerOptions options;
    options.blocks = {parse_block(GramKind::word, "1", {})};
    VectorizerFit learner(options, 1);
    for (const std::string_view text : {"red bus", "red car", "old car"})
      learner.add({&text, 1}, 0);
    Parallel parallel;
    return learner.finish(parallel);
  }

  void write(const std::string& path, bool whole = true) const {
    std::vector<std::vector<std::uint64_t>> problems;
    for (std::size_t level = 0; whole && level < tree.depth(); ++level)
      problems.emplace_back(tree.parents(level), 100 + level);
    PredictDefaults defaults;
    defaults.post_processor = "sigmoid";
    defaults.beam = 7;
    defaults.ties = TieRule::position;
    write_model(NpzWriter(path), {.tree = tree,
                                  .features = vectorizer.features(),
                                  .weight_type = WeightType::f2,
                                  .levels = levels,
                                  .defaults = defaults,
                                  .vectorizer = whole ? &vectorizer : nullptr,
                                  .vectorizer_fingerprint = whole ? vectorizer.fingerprint() : "",
                                  .names = whole ? names.stored() : StoredNames{},
                                  .options = Json{{"cost", 2}},
                                  .problems = problems});
  }
};

void require_sample(const XrLinearModel& model, const ModelSample& sample) {
  REQUIRE(model.tree().fingerprint() == sample.tree.fingerprint());
  REQUIRE(model.features() == sample.vectorizer.features());
  REQUIRE(model.weight_type() == WeightType::f2);
  REQUIRE(model.defaults().post_processor == "sigmoid");
  REQUIRE(model.defaults().beam == 7);
  REQUIRE(model.defaults().ties == TieRule::position);
  REQUIRE(model.content()["options"]["cost"] == 2);
  for (std::size_t level = 0; level < 2; ++level)
    for (NodeId parent = 0; parent < sample.tree.parents(level); ++parent)
      for (int visit = 0; visit < 2; ++visit) {
        const ChunkView chunk = model.chunk(level, parent), expected = ChunkView::trusted(sample.levels[level][parent]);
        REQUIRE(chunk.children() == expected.children());
        REQUIRE(std::ranges::equal(chunk.bias(), expected.bias()));
        const ChunkRows rows = model.rows(level, parent), expected_rows = read_rows(expected, "sample");
        REQUIRE(rows.features == expected_rows.features);
        REQUIRE(rows.offsets == expected_rows.offsets);
        REQUIRE(rows.weights == expected_rows.weights);
      }
}

}  // namespace

TEST_CASE("a model file gives back what was written") {
  const TemporaryDirectory folder;
  const ModelSample sample;
  sample.write(folder / "model.npz");
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  require_sample(model, sample);
  CHECK(model.weights(0) == 3);
  CHECK(model.weights(1) == 6);
  for (const std::uint64_t chunks : {3, 1000})
    CHECK(model.claimed_weights(1, chunks) == 6);
  CHECK(model.claimed_weights(1, 1) == 3 * model.level_size(1) / sample.levels[1][0].size());
  CHECK_THROWS_WITH(claimed_weights(std::string_view(sample.levels[1][0]).substr(0, 63), "here"),
                    "here: a chunk of 63 bytes is too short for its sections");
  CHECK(model.problems(0).size() == 1);
  CHECK(model.problems(1).front() == 101);
  REQUIRE(model.vectorizer() != nullptr);
  CHECK(model.vectorizer()->fingerprint() == sample.vectorizer.fingerprint());
  CHECK(model.vectorizer_fingerprint() == sample.vectorizer.fingerprint());
  REQUIRE(!model.names().empty());
  CHECK(model.names().key(1) == "bee");
  CHECK(model.names().text(1) == "text");
  CHECK(model.names().text(0) == "a");
}

TEST_CASE("a model may have neither vectorizer nor names") {
  const TemporaryDirectory folder;
  const ModelSample sample;
  sample.write(folder / "model.npz", false);
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  require_sample(model, sample);
  CHECK(model.vectorizer() == nullptr);
  CHECK(model.vectorizer_fingerprint().empty());
  CHECK(model.problems(0).empty());
  CHECK(model.names().empty());
}

TEST_CASE("a model of an older format is refused") {
  const int version = GENERATE(1, 3);
  const TemporaryDirectory folder;
  NpzWriter(folder / "model.npz").commit({"model", version, Json{{"type", "xr-linear"}}});
  CHECK_THROWS_WITH(XrLinearModel::open(folder / "model.npz"),
                    folder / "model.npz" + std::string(": was written by an older version, with other chunks"));
}

TEST_CASE("writing a model twice gives the same bytes") {
  const TemporaryDirectory folder;
  ModelSample().write(folder / "a.npz");
  ModelSample().write(folder / "b.npz");
  CHECK(test::read_file(folder / "a.npz") == test::read_file(folder / "b.npz"));
}

TEST_CASE("names for another number of labels are refused") {
  const TemporaryDirectory folder;
  ModelSample sample;
  sample.names.add("six", "", 0);
  CHECK_THROWS_WITH(sample.write(folder / "model.npz"), "labels: 6 names for 5 labels");
  CHECK(folder.entries() == 0);
}

TEST_CASE("every truncation of a model file is refused", "[damage]") {
  const TemporaryDirectory folder;
  ModelSample().write(folder / "model.npz");
  const std::string bytes = test::read_file(folder / "model.npz");
  CHECK(test::Damage("model", bytes).cut([&](const std::string& cut) {
    test::write_file(folder / "cut.npz", cut);
    static_cast<void>(XrLinearModel::open(folder / "cut.npz"));
  }) == bytes.size());
}

TEST_CASE("every one-byte change of a model file is refused or changes nothing", "[damage]") {
  const TemporaryDirectory folder;
  const ModelSample sample;
  sample.write(folder / "model.npz");
  const std::string bytes = test::read_file(folder / "model.npz");
  CHECK(test::Damage("model", bytes).change({0x20}, [&](const std::string& changed) {
    test::write_file(folder / "changed.npz", changed);
    const XrLinearModel model = XrLinearModel::open(folder / "changed.npz");
    require_sample(model, sample);
  }) > bytes.size() / 2);
}

TEST_CASE("a model whose parts do not fit each other is refused") {
  const TemporaryDirectory folder;
  ModelSample sample;
  const auto refusal = [&] {
    try {
      const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
      for (NodeId parent = 0; parent < 3; ++parent)
        static_cast<void>(model.chunk(1, parent));
      static_cast<void>(model.chunk(0, 0));
    } catch (const FormatError& error) {
      return std::string(error.what()).substr((folder / "model.npz").size());
    }
    return std::string("accepted");
  };
  SECTION("too few chunks in a level") {
    sample.levels[1].pop_back();
    sample.write(folder / "model.npz");
    CHECK(refusal() == ": level1/offsets: 3 entries, 4 are needed");
  }
  SECTION("a chunk of another parent") {
    std::swap(sample.levels[1][0], sample.levels[1][1]);
    sample.write(folder / "model.npz");
    CHECK(refusal() == ": level 1, parent 0: a chunk of 0 children, the tree has 2");
  }
  SECTION("a chunk with features that the model does not have") {
    ChunkBuilder builder(3, 1001, WeightType::f2);
    builder.add(1000, std::vector<ChildWeight>{{0, 1.0F}});
    sample.levels[0][0].clear();
    builder.finish(sample.levels[0][0]);
    sample.write(folder / "model.npz");
    CHECK(refusal() == ": level 0, parent 0: bad chunk: the table is not that of the model's features");
  }
  SECTION("a chunk of another weight type") {
    sample.levels[1][1].clear();
    ChunkBuilder(0, 0, WeightType::f4).finish(sample.levels[1][1]);
    sample.write(folder / "model.npz");
    CHECK(refusal() == ": level 1, parent 1: weights of type f4, meta.json says f2");
  }
  SECTION("chunks between boundaries") {
    sample.levels[1][0] += std::string(32, '\0');
    sample.levels[1][1] += std::string(32, '\0');
    sample.write(folder / "model.npz");
    CHECK(refusal() == ": level 1, parent 0: damaged chunk (checksum)");
  }
  SECTION("another kind of file") {
    write_tree(NpzWriter(folder / "model.npz"), sample.tree, {});
    CHECK(refusal() != "accepted");
  }
}

TEST_CASE("chunks and names behind 2^31, 2^32 and 2^33 bytes are found") {
  const TemporaryDirectory folder;
  const ModelSample sample;
  sample.write(folder / "small.npz");
  const NpzFile small(folder / "small.npz");
  // The chunk of parent 1 of the last level, a parent without children, is a hole; so is the text of label 1.
  const std::uint64_t hole = GENERATE(test::k2G, test::k4G, test::k8G) - GENERATE(0U, 64U);
  const auto bytes_of = [&](const std::string& member) {
    const std::string_view bytes = small.get(member).bytes;
    return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
  };
  const auto split_at = [&](const std::string& member, std::uint64_t at) {
    const std::vector<std::uint8_t> bytes = bytes_of(member);
    const auto middle = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    return std::vector<test::Stretch<std::uint8_t>>{{{bytes.begin(), middle}, hole}, {{middle, bytes.end()}, 0}};
  };
  const auto shifted = [&](const std::string& member, std::size_t from) {
    const auto offsets = small.array<std::uint64_t>(member);
    std::vector<std::uint64_t> result(offsets.begin(), offsets.end());
    for (std::size_t i = from; i < result.size(); ++i)
      result[i] += hole;
    return result;
  };
  {
    test::SparseArchive out(folder / "large.npz");
    for (const std::string& member : small.members()) {
      if (member == "level1/offsets") {
        out.add<std::uint64_t>(member, shifted(member, 2));
      } else if (member == "level1/chunks") {
        out.add<std::uint8_t>(member, split_at(member, small.array<std::uint64_t>("level1/offsets")[2]));
      } else if (member == "labels/texts/offsets") {
        out.add<std::uint64_t>(member, shifted(member, 2));
      } else if (member == "labels/texts/bytes") {
        out.add<std::uint8_t>(member, split_at(member, small.array<std::uint64_t>("labels/texts/offsets")[2]));
      } else if (member != "meta.json") {
        out.copy(small, member);
      }
    }
    out.commit(small.raw("meta.json"));
  }
  const XrLinearModel model = XrLinearModel::open(folder / "large.npz");
  for (const NodeId parent : {0, 2}) {
    const ChunkRows rows = model.rows(1, parent),
                    expected = read_rows(ChunkView::trusted(sample.levels[1][parent]), "");
    CHECK(rows.features == expected.features);
    CHECK(rows.weights == expected.weights);
  }
  CHECK(model.names().text(1).size() == hole + 4);
  CHECK(model.names().key(3) == "dee");
  CHECK(model.names().text(3) == "text");
}
