#pragma once
// The file of one part of training: the fingerprint of its plan, and the chunks of its pieces. Equal pieces give equal
// bytes.
//
//   write_part(NpzWriter("part-3.npz"), plan, {.stage = 0, .part = 3}, trained);
//   TrainedPart part("part-3.npz", plan);
//
// Opening checks everything except the chunks, which have their own checksums; chunk() checks them.
// Errors: FormatError if the file is damaged; DataError if the part belongs to another plan. Thread rule: const methods
// from any thread.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xmr/distributed/train_plan.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/model/chunk_table.hpp"
#include "xmr/train/trainer.hpp"

namespace xmr {

struct PartId {
  std::uint32_t stage = 0;
  std::uint32_t part = 0;  // in a checkpoint: any number
};

// Writes the pieces in the order of the tree and commits the file.
void write_part(NpzWriter out, const TrainPlan& plan, const PartId& id, std::vector<TrainedPiece> trained);

class TrainedPart {
 public:
  explicit TrainedPart(const std::string& path);
  TrainedPart(const std::string& path, const TrainPlan& plan);

  const std::string& name() const { return file_->name(); }
  const PartId& id() const { return id_; }
  const TrainCounts& counts() const { return counts_; }
  std::span<const Piece> pieces() const { return pieces_; }
  // If the chunk is damaged, or its number of children is not that of the piece, throws FormatError.
  ChunkView chunk(std::size_t piece) const;
  std::uint32_t children(std::size_t piece) const { return children_[piece]; }  // of the parent
  std::uint64_t problem(std::size_t piece) const { return problems_[piece]; }   // the hash of the parent's problem

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
