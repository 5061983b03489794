#include <algorithm>
#include <mutex>
#include <optional>

#include "xmr/distributed/merged_levels.hpp"
#include "xmr/distributed/train_part.hpp"
#include "xmr/distributed/train_plan.hpp"
#include "xmr/io/json.hpp"
#include "xmr/train/matcher.hpp"
#include "xmr/util/error.hpp"

#include "sample.hpp"
#include "support/catch.hpp"
#include "support/damage.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// A plan, and all parts of it, in a folder.
struct Trained {
  explicit Trained(const Sample& of, std::uint32_t parts) : sample(of) {
    XrLinearTrainer trainer(sample.x, sample.y, sample.tree, sample.options, parallel);
    sample.plan(trainer, parts).write(NpzWriter(folder / "plan.npz"));
    plan.emplace(TrainPlan::read(folder / "plan.npz"));
    for (std::uint32_t stage = 0; stage < plan->stages(); ++stage) {
      std::optional<LevelRows> matched;
      if (stage > 0)
        matched = match_rows(sample.x, sample.tree, merged(stage).chunks(), sample.options.matcher, parallel);
      for (std::uint32_t part = 0; part < parts; ++part)
        train(trainer, {stage, part}, matched ? &*matched : nullptr);
    }
  }

  void train(XrLinearTrainer& trainer, const PartId& id, const LevelRows* matched) {
    std::vector<TrainedPiece> pieces;
    std::mutex mutex;  // any thread delivers a piece
    trainer.train(plan->pieces(trainer, id.stage, id.part), matched, [&](TrainedPiece&& piece) {
      const std::lock_guard lock(mutex);
      pieces.push_back(std::move(piece));
    });
    paths.push_back(folder / (std::to_string(id.stage) + "-" + std::to_string(id.part) + ".npz"));
    write_part(NpzWriter(paths.back()), *plan, id, std::move(pieces));
  }
  MergedLevels merged(std::uint32_t stages) const {
    return {*plan, sample.tree, read_parts(*plan, paths, stages), stages, parallel};
  }
  std::string refusal(const std::vector<std::string>& of) const {
    try {
      const MergedLevels merged(*plan, sample.tree, read_parts(*plan, of, plan->stages()), plan->stages(), parallel);
    } catch (const Error& error) {
      std::string message = error.what();
      for (std::size_t at; (at = message.find(folder / "")) != std::string::npos;)
        message.erase(at, (folder / "").size());
      return message;
    }
    return "accepted";
  }

  const Sample& sample;
  TemporaryDirectory folder;
  mutable Parallel parallel{2};
  std::optional<TrainPlan> plan;
  std::vector<std::string> paths;
};

}  // namespace

TEST_CASE("parts make the chunks of one run, whatever their number and stages") {
  const Sample sample(GENERATE(false, true));
  const std::uint32_t parts = GENERATE(1U, 3U, 8U, 100U);  // more than there are pieces
  const Trained trained(sample, parts);
  CHECK(trained.plan->stages() == (sample.options.of(0).negatives.matcher ? 3 : 1));
  const MergedLevels merged = trained.merged(trained.plan->stages());
  CHECK(copied(merged.chunks()) == sample.plain());
  Parallel parallel;
  const TrainCounts counts = train_xr_linear(sample.x, sample.y, sample.tree, sample.options, parallel).counts;
  CHECK(merged.counts().weights == counts.weights);
  CHECK(merged.counts().solver.visits == counts.solver.visits);
  CHECK(merged.counts().labels_without_rows == counts.labels_without_rows);
}

TEST_CASE("a part that is trained again has the same bytes") {
  const Sample sample;
  Trained trained(sample, 3);
  const std::string before = read_file(trained.paths[1]);
  XrLinearTrainer trainer(sample.x, sample.y, sample.tree, sample.options, trained.parallel);
  trained.train(trainer, {0, 1}, nullptr);
  CHECK(read_file(trained.paths[1]) == before);
}

TEST_CASE("parts that are missing, there twice, or of another plan are named") {
  const Sample sample;
  const Trained trained(sample, 3);
  const std::vector<std::string>& paths = trained.paths;
  CHECK(trained.refusal({paths[1]}) == "plan.npz: 2 of 3 parts missing: 0, 2");
  CHECK(trained.refusal({}) == "plan.npz: 3 of 3 parts missing: 0, 1, 2");
  CHECK(trained.refusal({paths[1], paths[0], paths[2], paths[1]}) == "0-1.npz: is the same part as 0-1.npz");
  const Trained others(sample, 4);
  CHECK_THROWS_WITH(TrainedPart(others.paths[0], *trained.plan),
                    others.paths[0] + ": is not a part of " + (trained.folder / "plan.npz"));
  CHECK(trained.refusal(paths) == "accepted");
}

TEST_CASE("parts without pieces, of which there may be more than a process can map files, are not kept open") {
  const Sample sample;
  const Trained trained(sample, 100);
  const std::vector<TrainedPart> parts = read_parts(*trained.plan, trained.paths, 1);
  CHECK(parts.size() == trained.paths.size() -
                            static_cast<std::size_t>(std::ranges::count_if(trained.paths, [](const std::string& path) {
                              return TrainedPart(path).pieces().empty();
                            })));
  CHECK(parts.size() < 30);
}

TEST_CASE("a plan keeps what it was made from, to the last bit") {
  Sample sample;
  sample.options.levels.assign(3, {});
  for (LevelOptions& level : sample.options.levels)
    level.keep.type = WeightType::f2;
  sample.options.levels[1].solver.cost_positive = 0.1F;
  sample.options.levels[2].keep = {.threshold = 1.0F / 3, .top_weights = 7, .type = WeightType::f2};
  sample.options.levels[2].negatives = {.teacher_forcing = false, .matcher = true};
  sample.options.relevance = {.levels = Relevance::induce, .norm = Norm::l2};
  sample.options.seed = ~std::uint64_t{0};
  sample.predict.level_beams = {3, 4};
  const Trained trained(sample, 2);
  CHECK(difference(trained.plan->recipe(), sample.recipe()).empty());
  CHECK(describe(trained.plan->recipe().train) == describe(sample.options));
  CHECK(trained.plan->recipe().train.levels[2].negatives.matcher);
  Sample other = sample;
  other.options.levels[1].solver.cost_positive = 0.2F;
  CHECK(difference(trained.plan->recipe(), other.recipe()) ==
        "options.cost_positive is [1.0,0.10000000149011612,1.0] there, [1.0,0.20000000298023224,1.0] here");
}

TEST_CASE("a plan or a part that was cut off or changed in one byte is refused or read as it was", "[damage]") {
  const Sample sample;
  const Trained trained(sample, 8);
  const std::vector<LevelChunks> plain = sample.plain();
  SECTION("plan") {
    const std::string whole = read_file(trained.folder / "plan.npz");
    const auto read = [&](const std::string& bytes) {
      write_file(trained.folder / "bad.npz", bytes);
      const TrainPlan plan = TrainPlan::read(trained.folder / "bad.npz");
      REQUIRE(plan.fingerprint() == trained.plan->fingerprint());
    };
    Damage damage("plan", whole);
    CHECK(damage.cut(read) == whole.size());
    damage.change({0x01}, read);
  }
  SECTION("part") {
    const std::string whole = read_file(trained.paths[2]);
    const TrainedPart good(trained.paths[2], *trained.plan);
    const auto read = [&](const std::string& bytes) {
      write_file(trained.folder / "bad.npz", bytes);
      const TrainedPart part(trained.folder / "bad.npz", *trained.plan);
      bool is_same = part.id().part == 2 && std::ranges::equal(part.pieces(), good.pieces()) &&
                     part.counts().weights == good.counts().weights;
      for (std::size_t piece = 0; piece < part.pieces().size(); ++piece)
        is_same = is_same && part.chunk(piece).bytes() == good.chunk(piece).bytes();
      REQUIRE(is_same);
    };
    Damage damage("part", whole);
    CHECK(damage.cut(read) == whole.size());
    damage.change({0x01}, read);
  }
}
