#include "xmr/train/solved_parents.hpp"

#include <numeric>

#include "xmr/index/grow_tree.hpp"
#include "xmr/io/json.hpp"
#include "xmr/train/trainer.hpp"
#include "xmr/util/error.hpp"

#include "problems.hpp"
#include "support/catch.hpp"
#include "support/random_matrix.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// Rows, labels and their tree, and what follows from them: label 12 is gone, label 0 is new, all others have other
// numbers, and the new label's rows come first.
struct Catalogue {
  CsrMatrix x = random_rows(300, 80, 8, 1), y = random_labels(x, 40, 2), given = random_labels(x, 40, 7);
  LabelTree tree = LabelTree({{0, 2}, {0, 3, 7}, {0, 20, 21, 21, 25, 30, 38, 40}}, labels());
  TrainOptions options;

  static std::vector<LabelId> labels() {
    std::vector<LabelId> labels(40);
    for (LabelId i = 0; i < 40; ++i)
      labels[i] = i * 7 % 40;
    return labels;
  }

  Catalogue changed() const {
    Catalogue next;
    next.options = options;
    std::vector<LabelId> ids(40);
    for (LabelId label = 0; label < 40; ++label)
      ids[label] = label < 12 ? label + 1 : label;
    ids[12] = kGone;
    Parallel parallel;
    next.tree = grow_tree(tree, ids, random_matrix(40, 20, 0.5, 3), {}, parallel).tree;
    const CsrMatrix added = random_rows(4, 80, 8, 9);
    next.x = CsrMatrix(80);
    next.y = next.given = CsrMatrix(40);
    for (Row row = 0; row < 4; ++row) {
      next.x.append_row(added.view().row(row));
      next.y.push(0, 1);
      next.y.end_row();
      next.given.end_row();
    }
    for (Row row = 0; row < x.rows(); ++row) {
      next.x.append_row(x.view().row(row));
      for (const auto& [from, to] : {std::pair(&y, &next.y), std::pair(&given, &next.given)}) {
        for (const LabelId label : from->view().row(row).indices)
          if (ids[label] != kGone) to->push(ids[label], 1);
        to->end_row();
      }
    }
    return next;
  }

  TrainedLevels train(unsigned threads = 1, const SolvedParents* solved = nullptr) const {
    Parallel parallel(threads);
    TrainOptions with = options;
    if (with.of(0).negatives.given) with.given = given;
    return train_xr_linear(x, y, tree, with, parallel, {}, solved);
  }
  XrLinearModel write(const std::string& path, const TrainedLevels& trained, bool with_problems = true) const {
    XrLinearParts parts{.tree = tree,
                        .features = 80,
                        .weight_type = WeightType::i1,
                        .levels = trained.chunks,
                        .defaults = {},
                        .options = Json::object()};
    if (with_problems) parts.problems = trained.problems;
    write_model(NpzWriter(path), parts);
    return XrLinearModel::open(path);
  }
};

void check_same(const TrainedLevels& a, const TrainedLevels& b) {
  CHECK(a.chunks == b.chunks);
  CHECK(a.problems == b.problems);
}

}  // namespace

TEST_CASE("training that starts from a model of other rows and labels makes the bytes of training anew", "[threads]") {
  Catalogue old;
  LevelOptions& options = old.options.levels.front();
  const int kind = GENERATE(range(0, 5));
  options.negatives.matcher = kind == 1;
  options.negatives.given = kind == 2;
  if (kind == 2) options.negatives.teacher_forcing = false;
  if (kind == 3) old.options.relevance.levels = Relevance::induce;
  if (kind == 4) old.options.relevance.levels = Relevance::last;
  const TemporaryDirectory folder;
  const SolvedParents solved(old.write(folder / "old.npz", old.train()));
  const Catalogue now = old.changed();
  const TrainedLevels anew = now.train();
  CHECK(anew.counts.parents_kept == 0);
  for (const unsigned threads : {1U, 3U}) {
    const TrainedLevels from = now.train(threads, &solved);
    check_same(from, anew);
    if (kind != 1) CHECK(from.counts.parents_kept > 1);
    CHECK(from.counts.parents_kept < 8);
    CHECK(from.counts.weights == anew.counts.weights);
  }
}

TEST_CASE("of unchanged rows nothing is solved again, also where a parent is solved in pieces") {
  Catalogue old;
  // More than 16 children of the root, which has all rows.
  old.tree = LabelTree({{0, 20},
                        [] {
                          std::vector<std::uint32_t> offsets(21);
                          for (std::uint32_t i = 0; i < 21; ++i)
                            offsets[i] = 2 * i;
                          return offsets;
                        }()},
                       Catalogue::labels());
  const TemporaryDirectory folder;
  const TrainedLevels anew = old.train();
  const SolvedParents solved(old.write(folder / "old.npz", anew));
  const TrainedLevels from = old.train(1, &solved);
  check_same(from, anew);
  CHECK(from.counts.parents_kept == 21);
  CHECK(from.counts.solver.visits == 0);

  // Options of the labels alone: the root stays.
  old.options.levels.resize(2);
  old.options.levels[1].keep.threshold = old.options.levels[1].keep.threshold_negative = 0.3F;
  const TrainedLevels other = old.train(1, &solved);
  check_same(other, old.train());
  CHECK(other.counts.parents_kept == 1);
}

TEST_CASE("every option, and every value of a row, makes another problem") {
  const Catalogue old;
  const TemporaryDirectory folder;
  const SolvedParents solved(old.write(folder / "old.npz", old.train()));
  const auto kept = [&](const auto& change) {
    Catalogue other = old;
    change(other, other.options.levels.front());
    return other.train(1, &solved).counts.parents_kept;
  };
  CHECK(kept([](Catalogue&, LevelOptions&) {}) == 10);
  CHECK(kept([](Catalogue&, LevelOptions& o) { o.solver.eps = 0.2F; }) == 0);
  CHECK(kept([](Catalogue&, LevelOptions& o) { o.solver.bias = 2; }) == 0);
  CHECK(kept([](Catalogue&, LevelOptions& o) { o.solver.cost_negative = 2; }) == 0);
  CHECK(kept([](Catalogue&, LevelOptions& o) { o.solver.loss = Loss::hinge; }) == 0);
  CHECK(kept([](Catalogue&, LevelOptions& o) { o.keep.top_weights = 5; }) == 0);
  CHECK(kept([](Catalogue&, LevelOptions& o) { o.keep.type = WeightType::f4; }) == 0);
  CHECK(kept([](Catalogue& c, LevelOptions&) { c.options.seed = 1; }) == 0);
  CHECK(kept([](Catalogue& c, LevelOptions&) { c.x.mutable_values()[0] *= 2; }) < 10);
}

TEST_CASE("kept levels stay though their rows have changed, and are known as what they were") {
  const Catalogue old;
  const TemporaryDirectory folder;
  const TrainedLevels trained = old.train();
  old.write(folder / "old.npz", trained);
  const SolvedParents solved(XrLinearModel::open(folder / "old.npz"), 1);
  const Catalogue now = old.changed();
  const TrainedLevels anew = now.train(), from = now.train(1, &solved);
  CHECK(from.chunks[0] == trained.chunks[0]);
  CHECK(from.problems[0] == trained.problems[0]);
  CHECK(from.chunks[0] != anew.chunks[0]);
  CHECK(from.chunks[2] == anew.chunks[2]);
  const SolvedParents next(now.write(folder / "next.npz", from));
  const TrainedLevels again = now.train(1, &next);
  check_same(again, anew);
  CHECK(again.counts.parents_kept == 9);
}

TEST_CASE("a model that does not know its problems, or another number of them, is refused") {
  const Catalogue old;
  const TemporaryDirectory folder;
  const std::string path = folder / "old.npz";
  const auto refusal = [&](TrainedLevels trained, bool with_problems) {
    try {
      const SolvedParents solved(old.write(path, trained, with_problems));
    } catch (const Error& error) {
      return std::string(error.what()).substr(path.size());
    }
    return std::string("accepted");
  };
  TrainedLevels trained = old.train();
  CHECK(refusal(trained, false) ==
        ": does not know which problems it solves: it was imported, cut, or trained by an older version");
  trained.problems[1].pop_back();
  CHECK(refusal(trained, true) == ": level1/problems: 1 entries, 2 are needed");
}
