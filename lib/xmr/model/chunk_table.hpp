#pragma once
// Chunks of many parents, in memory and in files. A model has one list a level, a part of training one list.
//
//   write_chunks(out, "level0/", chunks);           StoredChunks stored(file, "level0/", parents);
//                                                   stored.at(parent, place)
//
// A file holds the chunks in `prefix`chunks and their starts in `prefix`offsets. Thread rule: plain data.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/model/chunk_sums.hpp"

namespace xmr {

// The bytes of one level's chunks, by parent (see ChunkBuilder::finish).
using LevelChunks = std::vector<std::string>;

// Views of the chunks of several levels, by parent. The bytes stay where they are.
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

// Gives each chunk to `sums` too, if there is one.
void write_chunks(NpzWriter& out, const std::string& prefix, std::span<const std::string_view> chunks,
                  ChunkSumsBuilder* sums = nullptr);

// Chunks in a mapped file. Opening reads nothing that grows with the weights.
class StoredChunks {
 public:
  StoredChunks() = default;
  // If there are not `count` well-placed chunks, throws FormatError. The file must outlive the object.
  StoredChunks(const NpzFile& file, const std::string& prefix, std::size_t count);

  // Returns the bytes of a chunk without checking them. If they are outside the file, throws FormatError with `place`.
  std::string_view at(std::size_t chunk, const std::string& place) const;
  // Returns the bytes of a chunk for which at() succeeded before.
  std::string_view trusted(std::size_t chunk) const {
    return bytes_.substr(offsets_[chunk], offsets_[chunk + 1] - offsets_[chunk]);
  }
  std::uint64_t bytes() const { return bytes_.size(); }  // bytes of all chunks
  std::span<const std::uint64_t> offsets() const { return offsets_; }

 private:
  std::span<const std::uint64_t> offsets_;  // multiples of kChunkAlignment; one more than chunks
  std::string_view bytes_;
};

}  // namespace xmr
