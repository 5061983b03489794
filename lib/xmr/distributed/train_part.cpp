#include "xmr/distributed/train_part.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::string_view kPartKind = "part";
constexpr int kNewestPart = 2;
constexpr int kOldestVersion = 2;  // no release wrote version 1, which has no problems
constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
// The numbers of a piece: its members in their order, and the children of the parent.
constexpr std::uint64_t kColumns = 6;

Json counts_of(const TrainCounts& counts) {
  return {{"weights", counts.weights},
          {"labels_without_rows", counts.labels_without_rows},
          {"parents_kept", counts.parents_kept},
          {"problems", counts.solver.problems},
          {"passes", counts.solver.passes},
          {"row_visits", counts.solver.visits},
          {"row_updates", counts.solver.updates},
          {"entries_visited", counts.solver.entries},
          {"unconverged", counts.solver.unconverged}};
}

TrainCounts read_counts(const NpzFile& file) {
  const Json from = meta_value<Json>(file, file.meta().content, "counts");
  const auto count = [&](const char* key) { return meta_count(file, from, key, kMax); };
  return {.solver = {.problems = count("problems"),
                     .passes = count("passes"),
                     .visits = count("row_visits"),
                     .entries = count("entries_visited"),
                     .updates = count("row_updates"),
                     .unconverged = count("unconverged")},
          .weights = count("weights"),
          .labels_without_rows = count("labels_without_rows"),
          .parents_kept = count("parents_kept")};
}

}  // namespace

void write_part(NpzWriter out, const TrainPlan& plan, const PartId& id, std::vector<TrainedPiece> trained) {
  std::ranges::sort(trained, {}, &TrainedPiece::piece);
  TrainCounts counts;
  std::vector<std::uint32_t> pieces;
  std::vector<std::uint64_t> problems;
  std::vector<std::string_view> chunks;
  for (const TrainedPiece& of : trained) {
    const Piece& piece = of.piece;
    pieces.insert(pieces.end(), {piece.level, piece.parent, piece.first, piece.last, piece.groups,
                                 ChunkView::trusted(of.chunk).children()});
    problems.push_back(of.problem);
    chunks.push_back(of.chunk);
    counts += of.counts;
  }
  const std::uint64_t shape[] = {trained.size(), kColumns};
  out.add("pieces", DType::u4, shape,
          {reinterpret_cast<const char*>(pieces.data()), pieces.size() * sizeof(std::uint32_t)});
  out.add("problems", problems);
  write_chunks(out, "", chunks);
  out.commit({std::string(kPartKind), kNewestPart,
              Json{{"plan", plan.fingerprint()},
                   {"stage", id.stage},
                   {"part", id.part},
                   {"features", plan.recipe().features},
                   {"weight_type", name_of(plan.recipe().train.of(0).keep.type)},
                   {"counts", counts_of(counts)}}});
}

TrainedPart::TrainedPart(const std::string& path) : file_(std::make_unique<NpzFile>(path)) {
  file_->require_kind(kPartKind, kNewestPart);
  if (file_->meta().format_version < kOldestVersion)
    throw FormatError(name(), "was written by an older version", "train the part again");
  const Json& content = file_->meta().content;
  constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::uint32_t>::max();
  id_.stage = static_cast<std::uint32_t>(meta_count(*file_, content, "stage", kMaxNumber));
  id_.part = static_cast<std::uint32_t>(meta_count(*file_, content, "part", kMaxNumber));
  features_ = meta_count(*file_, content, "features", kNoFeature);
  type_ = read_weight_type(*file_, content);
  counts_ = read_counts(*file_);
  read_pieces();
  file_->check("offsets");
  chunks_ = StoredChunks(*file_, "", pieces_.size());
}

TrainedPart::TrainedPart(const std::string& path, const TrainPlan& plan) : TrainedPart(path) {
  if (meta_value<std::string>(*file_, file_->meta().content, "plan") != plan.fingerprint())
    throw DataError(name(), fmt::format("is not a part of {}", plan.name()),
                    "it was made for another plan, or an old one");
  if (id_.stage >= plan.stages() || features_ != plan.recipe().features || type_ != plan.recipe().train.of(0).keep.type)
    throw FormatError(name(), "meta.json does not fit the plan that it names");
  const LevelRange levels = plan.stage(id_.stage);
  for (const Piece& piece : pieces_)
    if (piece.level < levels.first || piece.level >= levels.last)
      throw FormatError(name(), fmt::format("pieces: level {} is not in stage {}", piece.level, id_.stage));
}

void TrainedPart::read_pieces() {
  file_->check("pieces");
  const NpyArray stored = file_->get("pieces");
  if (stored.shape.size() != 2 || stored.shape[1] != kColumns)
    throw FormatError(stored.name, fmt::format("must have rows of {} items", kColumns));
  const auto numbers = stored.as<std::uint32_t>();
  for (std::size_t i = 0; i < numbers.size(); i += kColumns) {
    const Piece& piece =
        pieces_.emplace_back(Piece{numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3], numbers[i + 4]});
    if (piece.first >= piece.last || piece.last > piece.groups)
      throw FormatError(stored.name, fmt::format("groups {}..{} of {}", piece.first, piece.last, piece.groups));
    children_.push_back(numbers[i + 5]);
  }
  if (!std::ranges::is_sorted(pieces_)) throw FormatError(stored.name, "pieces are not in the order of the tree");
  file_->check("problems");
  problems_ = file_->array<std::uint64_t>("problems");
  if (problems_.size() != pieces_.size())
    throw FormatError(name(), fmt::format("problems: {} entries, {} are needed", problems_.size(), pieces_.size()));
}

ChunkView TrainedPart::chunk(std::size_t piece) const {
  const std::string place = fmt::format("{}: level {}, parent {}", name(), pieces_[piece].level, pieces_[piece].parent);
  const ChunkView chunk = ChunkView::open(chunks_.at(piece, place), children_[piece], features_, place);
  if (chunk.type() != type_) throw FormatError(place, "weights of another type than meta.json says");
  return chunk;
}

}  // namespace xmr
