#include "xmr/train/retrieval.hpp"

#include <cmath>
#include <set>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/predict/retriever.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

// A catalogue of products with a log: a query is two words of its product's title, or its nickname.
struct Shop {
  LabelNames names;
  StringTableBuilder texts;
  CsrMatrix y;

  Shop(std::size_t products, std::size_t queries, std::size_t never_asked, bool with_titles) : y(products) {
    Random random(7);
    const auto word = [&](const char* kind, std::size_t of) { return fmt::format("{}{}", kind, random.below(of)); };
    for (std::size_t i = 0; i < products; ++i)
      names.add(fmt::format("p{}", i), fmt::format("{} {} {}", word("colour", 6), word("thing", 30), word("size", 9)),
                0);
    for (std::size_t i = 0; i < queries; ++i) {
      const auto label = static_cast<LabelId>(random.below(products - never_asked));
      const std::string title(names.text(label));
      add(random.below(3) == 0 ? fmt::format("nick{} please", label) : title.substr(0, title.rfind(' ')), label);
    }
    for (LabelId label = 0; with_titles && label < products - never_asked; ++label)
      add(std::string(names.text(label)), label);
  }
  void add(const std::string& text, LabelId label) {
    texts.add(text);
    y.push(label, 1);
    y.end_row();
  }
  RetrievalData read(Parallel& parallel) const {
    return read_retrieval_data(names.stored(), texts.view(), y, parallel);
  }
};

RetrievalOptions small_options() {
  RetrievalOptions options;
  options.trees = 1;
  return options;
}

}  // namespace

TEST_CASE("the same words never stand on both sides of a split") {
  Parallel parallel;
  const Shop shop(40, 300, 0, false);
  const RetrievalData data = shop.read(parallel);
  const RetrievalSplit split = split_rows(data, 1);
  REQUIRE(split.folds.size() == RetrievalSplit::kMaxFolds);
  CHECK(split.queries == 300);
  CHECK(split.cold_share < 0.2);
  std::set<Row> held_once;
  for (const RetrievalFold& fold : split.folds) {
    std::set<std::uint64_t> held;
    for (const Row row : fold.held) {
      held.insert(split.group[row]);
      CHECK(fold.y.view().row(row).size() == 0);
      CHECK(held_once.insert(row).second);
    }
    for (Row row = 0; row < data.y.rows; ++row)
      if (fold.y.view().row(row).size() > 0) CHECK(held.count(split.group[row]) == 0);
  }
}

TEST_CASE("held-out labels are cold as often as those of the catalogue, and then lose all rows") {
  Parallel parallel;
  const Shop shop(400, 2000, 200, false);
  const RetrievalData data = shop.read(parallel);
  const RetrievalSplit split = split_rows(data, 0);
  CHECK(split.cold_share >= 0.5);
  for (const RetrievalFold& fold : split.folds) {
    std::set<LabelId> left(fold.y.view().indices.begin(), fold.y.view().indices.end()), asked;
    for (const Row row : fold.held)
      asked.insert(data.y.row(row).indices[0]);
    std::size_t cold = 0;
    for (const LabelId label : asked)
      cold += left.count(label) == 0 ? 1 : 0;
    const double share = static_cast<double>(cold) / static_cast<double>(asked.size());
    CHECK(share > 0.35);
    CHECK(share < 0.75);
  }
}

TEST_CASE("labels that holding out left without rows count as cold") {
  Parallel parallel;
  const Shop shop(400, 150, 200, false);
  const RetrievalData data = shop.read(parallel);
  const RetrievalSplit split = split_rows(data, 0);
  std::size_t cold = 0, all = 0;
  for (const RetrievalFold& fold : split.folds) {
    const std::set<LabelId> left(fold.y.view().indices.begin(), fold.y.view().indices.end());
    std::set<LabelId> asked;
    for (const Row row : fold.held)
      asked.insert(data.y.row(row).indices[0]);
    all += asked.size();
    for (const LabelId label : asked)
      cold += left.count(label) == 0 ? 1 : 0;
  }
  CHECK(std::fabs(static_cast<double>(cold) / static_cast<double>(all) - split.cold_share) < 0.06);
}

TEST_CASE("titles among the rows are documents, not queries") {
  Parallel parallel;
  const Shop shop(100, 400, 0, true);
  const RetrievalData data = shop.read(parallel);
  const RetrievalSplit split = split_rows(data, 0);
  CHECK(split.documents >= 100);
  for (const RetrievalFold& fold : split.folds)
    for (const Row row : fold.held)
      CHECK(data.texts[row] != data.names.text(data.y.row(row).indices[0]));
}

TEST_CASE("without queries there are no folds, and the margin is the built-in one") {
  Parallel parallel;
  const Shop shop(10, 0, 0, false);
  const RetrievalData data = shop.read(parallel);
  const HeldRows held = hold_out(data, small_options(), parallel);
  CHECK(held.folds == 0);
  const RetrievalFit fit = fit_retrieval(held.evidence, true, parallel);
  CHECK(fit.kind == "built-in");
  CHECK(fit.margin == built_in_margin());
}

TEST_CASE("the best candidates of held-out rows are those with the largest margins") {
  Parallel parallel;
  const Shop shop(60, 200, 0, false);
  const RetrievalData data = shop.read(parallel);
  const HeldEvidence held = hold_out(data, small_options(), parallel).evidence;
  const std::vector<double> margins = held.column("fused ranks");
  const HeldEvidence best = held.best(margins, 5);
  REQUIRE(best.rows() == held.rows());
  CHECK(best.candidates() <= 5 * held.rows());
  const auto mrr = [](const HeldEvidence& of) { return mean_of(of.judge(of.column("fused ranks")))[2]; };
  CHECK(mrr(best) <= mrr(held) + 1e-9);
  CHECK(mrr(best) > 0.9 * mrr(held));
  CHECK(held.best(margins, 1000).candidates() == held.candidates());
}

TEST_CASE("near-copies of a held-out row are in its slice, and slices share out the rows") {
  Parallel parallel;
  const Shop shop(40, 300, 0, false);
  const RetrievalData data = shop.read(parallel);
  const HeldEvidence held = hold_out(data, small_options(), parallel).evidence;
  std::size_t rows = 0;
  for (std::uint32_t slice = 0; slice < kSlices; ++slice) {
    const HeldEvidence part = held.of_slices(1U << slice);
    CHECK(part.slices() == 1U << slice);
    CHECK(part.rows() > held.rows() / 20);
    rows += part.rows();
  }
  CHECK(rows == held.rows());
  CHECK(held.of_slices((1U << kSlices) - 1).column("fused ranks") == held.column("fused ranks"));
}

TEST_CASE("the guard keeps the built-in margin if fits to a few rows of noise do not gain") {
  Parallel parallel;
  Shop shop(60, 0, 0, false);
  Random random(3);
  for (int row = 0; row < 40; ++row)
    shop.add(std::string(shop.names.text(static_cast<LabelId>(random.below(60)))), static_cast<LabelId>(row));
  const RetrievalData data = shop.read(parallel);
  const HeldRows held = hold_out(data, small_options(), parallel);
  CHECK(held.evidence.rows() > 30);
  CHECK(held.evidence.slices() == (1U << kSlices) - 1);
  const RetrievalFit fit = fit_retrieval(held.evidence, true, parallel);
  CHECK(fit.judged.front().name == "built-in");
  const auto sum = [](const RowMetrics& row) { return row[0] + row[1] + row[2]; };
  if (fit.kind != "built-in") {
    const auto taken = std::ranges::find(fit.judged, fit.kind, &JudgedKind::name);
    CHECK(sum(taken->guard) > sum(fit.judged.front().guard));
  }
}

TEST_CASE("a model says how many labels a source lists, and how wide the beams of its trees are") {
  Parallel parallel;
  const Shop shop(60, 200, 0, false);
  RetrievalOptions options = small_options();
  options.listed = 2;
  options.beam = 3;
  RetrievalData data = shop.read(parallel);
  const ModelInMemory few(make_parts(data, data.y, options, parallel));
  CHECK(few.model().listed() == 2);
  CHECK(few.model().trees()[0].defaults().beam == 3);
  RetrievalCandidates candidates(few.model(), few.model().listed(), nullptr);
  candidates.collect("thing1");
  CHECK(candidates.all().size() >= 2);
  CHECK(candidates.all().size() <= 2 * kSources);
  Retriever retrieve(few.model(), 5);
  CHECK(retrieve({.text = "thing1"}).size() == 5);  // more are asked for
  options.listed = 0;
  data = shop.read(parallel);
  CHECK_THROWS_AS(ModelInMemory(make_parts(data, data.y, options, parallel)), FormatError);
}

TEST_CASE("sources, evidence and fit are the same for any number of threads", "[threads]") {
  const Shop shop(40, 240, 10, true);
  std::optional<MarginModel> margin;
  std::vector<RowMetrics> judged;
  std::string bytes;
  for (const unsigned threads : {1U, 3U}) {
    Parallel parallel(threads);
    RetrievalData data = shop.read(parallel);
    const HeldRows held = hold_out(data, small_options(), parallel);
    const RetrievalFit fit = fit_retrieval(held.evidence, true, parallel);
    AlignedBytes made;
    write_model(NpzWriter(made), make_parts(data, data.y, small_options(), parallel), fit.margin, Json::object());
    std::vector<RowMetrics> guards;
    for (const JudgedKind& kind : fit.judged)
      guards.push_back(kind.guard);
    if (!margin) {
      margin = fit.margin;
      judged = guards;
      bytes = made.view();
    }
    CHECK(fit.judged.size() > 3);
    CHECK(guards == judged);
    CHECK(fit.margin == *margin);
    CHECK(made.view() == bytes);
  }
}
