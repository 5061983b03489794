#include "xmr/predict/completion_model.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/io/json.hpp"
#include "xmr/model/chunk_builder.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

// Three queries below one node; tables and weights of any numbers.
struct Sample {
  SessionTables tables = counted();
  std::vector<double> weights;

  Sample() {
    for (std::size_t i = 0; i < kCompletionCells * kCompletionEvidence; ++i)
      weights.push_back(0.25 * static_cast<double>(i % 7));
  }

  static SessionTables counted() {
    PairCounter pairs, together;
    pairs.add("kettle", 2);
    pairs.add("kettle", 2);
    pairs.add("lamp", 0);
    together.add("lamp", 1);
    StringTableBuilder keys;
    for (const char* key : {"desk", "kettle", "lamp"})
      keys.add(key);
    QueryGramCounter grams;
    grams.add("old lamp");
    FirstQueryCounter first;
    first.add("chair");
    first.add_before("lamp", "chair");
    return {PopularTable({2, 0, 5}), pairs.table(),
            together.table(),        WordIndexTable(keys.view(), std::vector<std::uint32_t>{2, 0, 5}),
            grams.table(),           first.table(keys.view(), 1)};
  }

  static void write_linear(const std::string& path, const std::vector<const char*>& keys = {"desk", "kettle", "lamp"},
                           const char* first_column = "previous") {
    VectorizerOptions options;
    options.blocks = {parse_block(GramKind::word, std::string("1:column=") + first_column, {}),
                      parse_block(GramKind::char_, "1:column=prefix", {})};
    VectorizerFit fit(options, 1);
    for (const std::string_view text : {"kettle", "lamp"})
      fit.add(std::vector<std::string_view>{text, text}, 0);
    Parallel parallel(1);
    const Vectorizer vectorizer = fit.finish(parallel);
    LabelNames names;
    for (const char* key : keys)
      names.add(key, {}, 0);
    std::vector<LevelChunks> levels(1);
    ChunkBuilder builder(3, vectorizer.features(), WeightType::f2);
    builder.add(0, std::vector<ChildWeight>{{1, 0.5F}});
    builder.finish(levels[0].emplace_back());
    write_model(NpzWriter(path), {.tree = LabelTree({{0, 3}}, {0, 1, 2}),
                                  .features = vectorizer.features(),
                                  .weight_type = WeightType::f2,
                                  .levels = levels,
                                  .defaults = {},
                                  .vectorizer = &vectorizer,
                                  .vectorizer_fingerprint = vectorizer.fingerprint(),
                                  .names = names.stored(),
                                  .options = {}});
  }

  void write(const test::TemporaryDirectory& dir) const {
    write_linear(dir / "linear.npz");
    const CompletionModel model(XrLinearModel::open(dir / "linear.npz"), tables, {});
    write_model(NpzWriter(dir / "completion.npz"), model, tables, {}, weights, {});
  }
};

void require_sample(const CompletionModel& model, const Sample& sample) {
  REQUIRE(model.labels() == 3);
  REQUIRE(model.names().key(1) == "kettle");
  for (LabelId label = 0; label < 3; ++label)
    REQUIRE(model.popular().count(label) == std::array<std::uint32_t, 3>{2, 0, 5}[label]);
  REQUIRE(model.popular().total({0, 3}) == 7);
  const PairCounts::Nexts nexts = model.pairs().nexts("kettle");
  REQUIRE(std::ranges::equal(nexts.labels, std::vector<LabelId>{2}));
  REQUIRE(std::ranges::equal(nexts.counts, std::vector<std::uint32_t>{2}));
  const PairCounts::Nexts together = model.together().nexts("lamp");
  REQUIRE(std::ranges::equal(together.labels, std::vector<LabelId>{1}));
  REQUIRE(std::ranges::equal(together.counts, std::vector<std::uint32_t>{1}));
  for (LabelRank rank = 0; rank < 3; ++rank)
    REQUIRE(model.words().label(rank) == std::array<LabelId, 3>{2, 0, 1}[rank]);
  REQUIRE(model.words().equal("lamp").first == 2);
  REQUIRE(model.grams().pieces()[1] == " lamp");
  REQUIRE(std::ranges::equal(model.grams().contexts().nexts("\told").labels, std::vector<PieceId>{1}));
  REQUIRE(model.words().first(2, WordIndex::Holds::begin) == 0);
  REQUIRE(model.first().texts()[0] == "chair");
  REQUIRE(model.first().popular().count(0) == 1);
  REQUIRE(std::ranges::equal(model.first().before().nexts("lamp").labels, std::vector<LabelId>{0}));
  REQUIRE(model.first().before().nexts("kettle").labels.empty());
  for (std::size_t cell = 0; cell < kCompletionCells; ++cell)
    for (std::size_t i = 0; i < kCompletionEvidence; ++i)
      REQUIRE(model.weights(cell)[i] == sample.weights[cell * kCompletionEvidence + i]);
  model.linear()->chunk(0, 0);
}

}  // namespace

TEST_CASE("a model whose labels do not increase, or that reads other columns, completes nothing") {
  const test::TemporaryDirectory dir;
  const std::string path = dir / "linear.npz";
  const auto message = [&] {
    try {
      const Sample sample;
      const CompletionModel model(XrLinearModel::open(path), sample.tables, {});
    } catch (const DataError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  Sample::write_linear(path);
  CHECK(message() == "accepted");
  Sample::write_linear(path, {"desk", "lamp", "kettle"});
  CHECK(message() == path + ": label 2, 'kettle', stands behind 'lamp', but keys must increase bytewise");
  Sample::write_linear(path, {"desk", "kettle", "lamp"}, "title");
  CHECK(message() == path + ": its vectorizer reads column 'title', not previous and prefix only");
}

TEST_CASE("a completion model whose weights are no numbers, or overflow sums, is refused") {
  const test::TemporaryDirectory dir;
  const double weight =
      GENERATE(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -1e31);
  Sample sample;
  sample.weights[37] = weight;
  sample.write(dir);
  CHECK_THROWS_WITH(CompletionModel::open(dir / "completion.npz"),
                    (dir / "completion.npz") + ": member weights: a number is outside -1e+30..1e+30");
}

TEST_CASE("a completion model gives back what was written, and is refused cut off or changed, or reads the same",
          "[damage]") {
  const test::TemporaryDirectory dir;
  const Sample sample;
  sample.write(dir);
  require_sample(CompletionModel::open(dir / "completion.npz"), sample);
  const std::string whole = test::read_file(dir / "completion.npz");
  const auto read = [&](const std::string& bytes) {
    test::write_file(dir / "damaged.npz", bytes);
    const CompletionModel model = CompletionModel::open(dir / "damaged.npz");
    require_sample(model, sample);
  };
  test::Damage damage("completion model", whole);
  CHECK(damage.cut(read) == whole.size());
  damage.change({0x20}, read);
}
