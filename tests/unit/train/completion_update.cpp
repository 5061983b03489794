#include "xmr/train/completion_update.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "xmr/complete/prefix.hpp"
#include "xmr/predict/completer.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/random_completions.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

TEST_CASE("an updated model counts both logs, knows new labels, and never answers with removed ones") {
  test::RandomCompletions sample("\t\t1\todd\t3\n");
  const CompletionModel& model = *sample.model;
  const test::TemporaryDirectory dir;
  std::vector<bool> removed(model.labels());
  for (LabelId label = 0; label < removed.size(); label += 7)
    removed[label] = true;
  const std::string known = sample.keys()[1], other = sample.keys()[2];
  const std::vector<CompletionRow> rows = {
      {known, "n", "new"}, {"new", "n", "new-d"}, {"new-d", "a", other}, {known, "n", "new"}, {"x", "a", ""}};
  const CompletionUpdate update(model, rows, removed);
  CHECK(update.new_labels() == 2);
  CHECK(update.labels() == model.labels() + 2);
  update.write(NpzWriter(dir / "new.npz"), model);
  const CompletionModel updated = CompletionModel::open(dir / "new.npz");
  const StringTable& keys = updated.names().keys;
  REQUIRE(keys.size() == model.labels() + 2);
  const auto find = [&](std::string_view key) {
    const LabelId label = place_of(keys, key);
    REQUIRE(label < keys.size());
    REQUIRE(keys[label] == key);
    return label;
  };
  CHECK(updated.popular().count(find("new")) == 2);
  const PairCounts::Nexts nexts = updated.pairs().nexts(known);
  const auto place = std::ranges::lower_bound(nexts.labels, find("new")) - nexts.labels.begin();
  CHECK(nexts.labels[static_cast<std::size_t>(place)] == find("new"));
  CHECK(nexts.counts[static_cast<std::size_t>(place)] == 2);
  for (LabelId label = 0; label < model.labels(); ++label) {
    const LabelId now = find(sample.keys()[label]);
    CAPTURE(label);
    CHECK(updated.popular().count(now) ==
          (removed[label] ? 0 : model.popular().count(label) + (sample.keys()[label] == other ? 1 : 0)));
    CHECK(updated.catalog().weight(now) == model.catalog().weight(label));
  }
  CHECK(updated.catalog().weight(find("new")) == 1);
  Completer complete(updated, 200);
  CompletionSearch before(model, 200), after(updated, 200);
  for (int i = 0; i < 100; ++i) {
    const std::string previous = sample.previous(), typed = sample.text(0, 2);
    const Query query{.previous = previous, .prefix = typed};
    for (const LabelId label : complete(query).indices)
      CHECK_FALSE(std::ranges::binary_search(updated.removed(), label));
    // The tree finds the same labels, under their new numbers.
    const KnownPrefix all{.prefix = {}, .range = {0, static_cast<LabelId>(model.labels())}};
    const KnownPrefix all_now{.prefix = {}, .range = {0, static_cast<LabelId>(keys.size())}};
    const SparseRow expected = before.rank({&query, 1}, {&all, 1}).row(0);
    const SparseRow now = after.rank({&query, 1}, {&all_now, 1}).row(0);
    REQUIRE(now.size() == expected.size());
    for (std::size_t rank = 0; rank < now.size(); ++rank)
      CHECK(keys[now.indices[rank]] == sample.keys()[expected.indices[rank]]);
  }
  const SparseRow found = complete({.previous = known, .prefix = "new"});
  REQUIRE(found.size() > 0);
  CHECK(std::ranges::find(found.indices, find("new")) != found.indices.end());

  // A second update keeps the removed labels.
  const CompletionUpdate again(updated, {}, {});
  again.write(NpzWriter(dir / "again.npz"), updated);
  const CompletionModel second = CompletionModel::open(dir / "again.npz");
  CHECK(std::ranges::equal(second.removed(), updated.removed()));
  CHECK(second.labels() == updated.labels());
  const std::vector<CompletionRow> odd = {{"a", "B", "Upper"}};
  CHECK_THROWS_AS(CompletionUpdate(model, odd, {}), DataError);
}
