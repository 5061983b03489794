#pragma once
// A part of training in a file: the chunks of some pieces, and which plan they belong to. Equal pieces give equal
// bytes.
//
//   write_part(NpzWriter("part-3.npz"), plan, {.stage = 0, .part = 3}, trained);
//   TrainedPart part("part-3.npz", plan);
//
// Opening checks all but the chunks, which carry checksums of their own (merge.hpp looks at them).
// Errors: FormatError for a damaged file, DataError for a part of another plan. Thread rule: const methods from any
// thread.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/jobs/plan.hpp"
#include "xmr/model/chunk_table.hpp"
#include "xmr/train/trainer.hpp"

namespace xmr {

struct PartId {
  std::uint32_t stage = 0;
  std::uint32_t part = 0;  // of a checkpoint: any number
};

// In the order of the tree, whatever the order given.
void write_part(NpzWriter out, const TrainPlan& plan, const PartId& id, std::vector<TrainedPiece> trained);

class TrainedPart {
 public:
  explicit TrainedPart(const std::string& path);
  TrainedPart(const std::string& path, const TrainPlan& plan);

  const std::string& name() const { return file_->name(); }
  const PartId& id() const { return id_; }
  const TrainCounts& counts() const { return counts_; }
  std::span<const Piece> pieces() const { return pieces_; }
  // FormatError for a chunk that is damaged or has another number of children than the piece says.
  ChunkView chunk(std::size_t piece) const;
  std::uint32_t children(std::size_t piece) const { return children_[piece]; }  // of its parent
  std::uint64_t problem(std::size_t piece) const { return problems_[piece]; }   // likewise

 private:
  void read_pieces();

  std::unique_ptr<NpzFile> file_;
  PartId id_;
  TrainCounts counts_;
  std::uint64_t features_ = 0;
  WeightType type_ = WeightType::f2;
  std::vector<Piece> pieces_;
  std::vector<std::uint32_t> children_;
  std::span<const std::uint64_t> problems_;
  StoredChunks chunks_;
};

}  // namespace xmr
