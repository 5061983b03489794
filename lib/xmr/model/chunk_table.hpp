#pragma once
// Chunks of many parents, in memory and in files: a model has one list of them a level, a part of training one list.
//
//   write_chunks(out, "level0/", chunks);           StoredChunks stored(file, "level0/", parents);
//                                                   stored.at(parent, place)
//
// In a file, the chunks lie one behind the other (`prefix`chunks), and `prefix`offsets says where each starts.
// Thread rule: plain data.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"

namespace xmr {

// The bytes of one level's chunks, by parent (see ChunkBuilder::finish).
using LevelChunks = std::vector<std::string>;

// Views of the chunks of some levels, by parent, wherever their bytes are.
class ChunkTable {
 public:
  explicit ChunkTable(std::vector<std::vector<std::string_view>> levels) : levels_(std::move(levels)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): owners are usable as views
  ChunkTable(std::span<const LevelChunks> levels) {
    for (const LevelChunks& level : levels)
      levels_.emplace_back(level.begin(), level.end());
  }
  // NOLINTNEXTLINE(google-explicit-constructor)
  ChunkTable(const std::vector<LevelChunks>& levels) : ChunkTable(std::span(levels)) {}

  std::size_t depth() const { return levels_.size(); }
  std::span<const std::string_view> level(std::size_t level) const { return levels_[level]; }

 private:
  std::vector<std::vector<std::string_view>> levels_;
};

void write_chunks(NpzWriter& out, const std::string& prefix, std::span<const std::string_view> chunks);

// Looks at nothing that grows with the weights.
class StoredChunks {
 public:
  StoredChunks() = default;
  // FormatError unless there are `count` chunks and they lie as they must. The file must outlive it.
  StoredChunks(const NpzFile& file, const std::string& prefix, std::size_t count);

  // FormatError with `place` for a chunk that does not lie in the file. Its content is not looked at.
  std::string_view at(std::size_t chunk, const std::string& place) const;
  // The same of a chunk that was asked for before.
  std::string_view trusted(std::size_t chunk) const {
    return bytes_.substr(offsets_[chunk], offsets_[chunk + 1] - offsets_[chunk]);
  }
  std::uint64_t bytes() const { return bytes_.size(); }  // of all
  std::span<const std::uint64_t> offsets() const { return offsets_; }

 private:
  std::span<const std::uint64_t> offsets_;  // multiples of kChunkAlignment, one more than there are chunks
  std::string_view bytes_;
};

}  // namespace xmr
