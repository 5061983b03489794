#pragma once
// Checksums of the blocks of a level's chunks, so that a visit verifies the blocks that it reads and not whole chunks.
//
//   ChunkSumsBuilder made;                          ChunkSums sums(file, "level0/");
//   write_chunks(out, "level0/", chunks, &made);    sums.verify(row, bytes, hashed)
//   made.write(out, "level0/");
//
// The member `prefix`sums holds XXH3 (64 bits) of each kBlock bytes of `prefix`chunks. Small levels have none: there a
// chunk is verified whole. Thread rule: verify() from any thread: several may hash the same block, each finds the same.

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"

namespace xmr {

class ChunkSums {
 public:
  static constexpr std::uint64_t kBlock = 4096;
  static constexpr std::uint64_t kLeastBytes = std::uint64_t{1} << 20;

  ChunkSums() = default;  // of a level without sums
  // If there is not one sum a block, throws FormatError. The file must outlive the object. 1 bit a block of memory.
  ChunkSums(const NpzFile& file, const std::string& prefix);

  bool empty() const { return sums_.empty(); }
  // Hashes the blocks of these bytes of the level that were not hashed before, and adds their number to `hashed`.
  // Returns false if one is damaged.
  bool verify(const void* at, std::size_t bytes, std::uint32_t& hashed) const;
  // The same for all blocks, hashed before or not.
  bool verify_all() const;

 private:
  bool is_whole(std::uint64_t block) const;

  std::string_view bytes_;                                  // of the level
  std::span<const std::uint64_t> sums_;                     // by block
  std::unique_ptr<std::atomic<std::uint64_t>[]> verified_;  // bits by block
};

// Hashes the chunks of a level while they are written: they may be too large to be read twice.
class ChunkSumsBuilder {
 public:
  // The next chunk of the level.
  void add(std::string_view chunk);
  // Writes the member if the level has more than ChunkSums::kLeastBytes. Ends the level.
  void write(NpzWriter& out, const std::string& prefix);

 private:
  std::uint64_t bytes_ = 0;
  std::string begun_;  // less than a block
  std::vector<std::uint64_t> sums_;
};

}  // namespace xmr
