#include "xmr/distributed/checkpoint.hpp"

#include <atomic>
#include <filesystem>

#include "xmr/util/error.hpp"

#include "sample.hpp"
#include "support/catch.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// Interrupts a run after so many looks.
class Impatient final : public Observer {
 public:
  explicit Impatient(int looks) : looks_(looks) {}
  bool cancelled() const override { return looks_.fetch_sub(1) <= 0; }

 private:
  mutable std::atomic<int> looks_;
};

// A run, from the beginning or where another ended.
std::vector<LevelChunks> run(const Sample& sample, const std::string& folder, Observer& observer, unsigned threads = 1,
                             std::size_t* pieces_found = nullptr) {
  Parallel parallel(threads, observer);
  XrLinearTrainer trainer(sample.x, sample.y, sample.tree, sample.options, parallel);
  Checkpoint checkpoint(folder, sample.plan(trainer, 1));
  if (pieces_found != nullptr) *pieces_found = checkpoint.pieces_found();
  std::vector<LevelChunks> chunks =
      copied(checkpoint.train(sample.x, sample.tree, sample.options, trainer, parallel).chunks());
  checkpoint.remove();
  return chunks;
}

}  // namespace

TEST_CASE("a run that is interrupted again and again makes the chunks of one that is not", "[threads]") {
  const Sample sample(GENERATE(false, true));
  const unsigned threads = GENERATE(1U, 3U);
  const TemporaryDirectory folder;
  std::size_t found = 0, most_found = 0;
  std::vector<LevelChunks> chunks;
  int interrupted = 0;
  while (chunks.empty()) {
    Impatient observer(45 + 10 * interrupted);
    try {
      chunks = run(sample, folder / "ckpt", observer, threads, &found);
    } catch (const Interrupted&) {
      ++interrupted;
    }
    CHECK(found >= most_found);
    most_found = std::max(most_found, found);
  }
  CHECK(interrupted > 1);
  CHECK(most_found > 1);
  CHECK(chunks == sample.plain());
  CHECK(folder.entries() == 0);
}

TEST_CASE("a checkpoint of other inputs or options, in use, damaged, or none at all is refused") {
  const Sample sample;
  const TemporaryDirectory folder;
  const std::string place = folder / "ckpt";
  const auto refusal = [&](const Sample& of) {
    try {
      run(of, place, Observer::none());
    } catch (const Error& error) {
      return std::string(error.what()).substr(place.size());
    }
    return std::string("accepted");
  };
  SECTION("not a checkpoint") {
    std::filesystem::create_directory(place);
    write_file(place + "/notes.txt", "mine");
    CHECK(refusal(sample) == ": is not a checkpoint: it holds notes.txt");
  }
  SECTION("no folder") {
    write_file(place, "mine");
    CHECK(refusal(sample) != "accepted");
    CHECK(read_file(place) == "mine");
  }
  SECTION("one that was begun") {
    Impatient observer(60);
    CHECK_THROWS_AS(run(sample, place, observer), Interrupted);
    REQUIRE(std::filesystem::exists(place + "/pieces-000000.npz"));
    Sample other = sample;
    other.options.levels.front().solver.eps = 0.5F;
    CHECK(refusal(other) == ": was begun otherwise: options.eps is 0.10000000149011612 there, 0.5 here");
    other = sample;
    other.x.mutable_values()[0] *= 2;
    CHECK(refusal(other).starts_with(": was begun otherwise: fingerprints.x is "));
    {
      const LockedFolder lock(place);
      CHECK(refusal(sample) == ": another process works there");
    }
    const std::string piece = read_file(place + "/pieces-000000.npz");
    write_file(place + "/pieces-000000.npz", piece.substr(0, piece.size() / 2));
    CHECK(refusal(sample).starts_with("/pieces-000000.npz: "));
    std::filesystem::remove(place + "/pieces-000000.npz");
    CHECK(run(sample, place, Observer::none()) == sample.plain());
  }
}
