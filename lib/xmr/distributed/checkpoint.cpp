#include "xmr/distributed/checkpoint.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "xmr/distributed/train_part.hpp"
#include "xmr/train/matcher.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kPlan = "plan.npz";
// The limits of the time between two files.
constexpr std::chrono::milliseconds kShortest(200), kLongest(30000);

std::string name_of(std::uint32_t number) {
  return fmt::format("pieces-{:06}.npz", number);
}
bool is_of_pieces(const std::string& name) {
  return name.starts_with("pieces-") && name.ends_with(".npz");
}

}  // namespace

// Writes finished pieces in batches. Thread rule: add() from any thread.
class Checkpoint::Writer {
 public:
  Writer(Checkpoint& checkpoint, std::uint32_t stage) : checkpoint_(checkpoint), stage_(stage) {}

  void add(TrainedPiece&& piece) {
    const std::lock_guard lock(mutex_);
    bytes_ += piece.chunk.size();
    pieces_.push_back(std::move(piece));
    const Clock::time_point now = Clock::now();
    const Clock::duration longest = std::clamp<Clock::duration>((now - start_) / 4, kShortest, kLongest);
    if (bytes_ >= kMaxBytes || now - last_ >= longest) write();
  }
  void finish() {
    const std::lock_guard lock(mutex_);
    if (!pieces_.empty()) write();
  }

 private:
  // Other threads wait for the disk meanwhile: memory holds the finished chunks of one file only.
  void write() {
    std::vector<std::string>& files = checkpoint_.files_;
    // The number of files may be taken: a user may have removed a damaged file.
    std::uint32_t number = static_cast<std::uint32_t>(files.size());
    while (std::ranges::count(files, name_of(number)) > 0)
      ++number;
    const std::string name = name_of(number);
    write_part(NpzWriter(checkpoint_.folder_ / name), checkpoint_.plan_, {.stage = stage_, .part = number},
               std::exchange(pieces_, {}));
    files.push_back(name);
    bytes_ = 0;
    last_ = Clock::now();
  }

  Checkpoint& checkpoint_;
  const std::uint32_t stage_;
  std::mutex mutex_;
  std::vector<TrainedPiece> pieces_;
  std::size_t bytes_ = 0;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

Checkpoint::Checkpoint(const std::string& folder, TrainPlan plan) : folder_(folder), plan_(std::move(plan)) {
  assert(plan_.parts() == 1);
  check();
  for (const std::string& name : folder_.files())
    if (is_of_pieces(name)) files_.push_back(name);
  for (const TrainedPart& part : parts(plan_.stages()))
    for (std::size_t piece = 0; piece < part.pieces().size(); ++piece, ++pieces_found_)
      static_cast<void>(part.chunk(piece));  // is it whole?
}

// Writes the plan into an empty folder, or compares it with the plan there.
void Checkpoint::check() const {
  const std::vector<std::string> names = folder_.files();
  const auto is_other = [](const std::string& name) { return name != kPlan && !is_of_pieces(name); };
  if (const auto other = std::ranges::find_if(names, is_other); other != names.end())
    throw DataError(folder_.path(), fmt::format("is not a checkpoint: it holds {}", *other));
  const std::string path = folder_ / std::string(kPlan);
  if (names.empty()) return plan_.write(NpzWriter(path));
  const TrainPlan there = TrainPlan::read(path);
  if (there.fingerprint() == plan_.fingerprint()) return;
  throw DataError(folder_.path(), fmt::format("was begun otherwise: {}", difference(there.recipe(), plan_.recipe())),
                  "another folder begins anew");
}

MergedLevels Checkpoint::train(CsrView x, const LabelTree& tree, const TrainOptions& options, XrLinearTrainer& trainer,
                               Parallel& parallel) {
  for (std::uint32_t stage = 0; stage < plan_.stages(); ++stage) {
    std::vector<Piece> done;
    for (const TrainedPart& part : parts(stage + 1))
      if (part.id().stage == stage) done.insert(done.end(), part.pieces().begin(), part.pieces().end());
    std::ranges::sort(done);
    std::vector<Piece> open = plan_.pieces(trainer, stage);
    std::erase_if(open, [&](const Piece& piece) { return std::ranges::binary_search(done, piece); });
    if (open.empty()) continue;
    std::optional<LevelRows> matched;
    if (stage > 0)
      matched = match_rows(x, tree, MergedLevels(plan_, tree, parts(stage), stage, parallel).chunks(), options.matcher,
                           parallel);
    Writer writer(*this, stage);
    try {
      trainer.train(open, matched ? &*matched : nullptr, [&](TrainedPiece&& piece) { writer.add(std::move(piece)); });
    } catch (const Interrupted&) {
      writer.finish();
      throw;
    }
    writer.finish();
  }
  return {plan_, tree, parts(plan_.stages()), plan_.stages(), parallel};
}

// The files of the first `stages` stages.
std::vector<TrainedPart> Checkpoint::parts(std::uint32_t stages) const {
  std::vector<TrainedPart> parts;
  for (const std::string& name : files_)
    if (TrainedPart part(folder_ / name, plan_); part.id().stage < stages) parts.push_back(std::move(part));
  return parts;
}

void Checkpoint::remove() const {
  std::vector<std::string> names = files_;
  names.emplace_back(kPlan);
  folder_.remove(names);
}

}  // namespace xmr
