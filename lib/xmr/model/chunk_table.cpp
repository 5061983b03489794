#include "xmr/model/chunk_table.hpp"

#include <fmt/format.h>

#include "xmr/model/chunk.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

void write_chunks(NpzWriter& out, const std::string& prefix, std::span<const std::string_view> chunks,
                  ChunkSumsBuilder* sums) {
  std::vector<std::uint64_t> offsets{0};
  offsets.reserve(chunks.size() + 1);
  for (const std::string_view chunk : chunks)
    offsets.push_back(offsets.back() + chunk.size());
  out.add(prefix + "offsets", offsets);
  const std::uint64_t size = offsets.back();
  out.begin(prefix + "chunks", DType::u1, {&size, 1});
  for (const std::string_view chunk : chunks) {
    out.append(chunk);
    if (sums != nullptr) sums->add(chunk);
  }
  out.end();
}

StoredChunks::StoredChunks(const NpzFile& file, const std::string& prefix, std::size_t count)
    : offsets_(file.array<std::uint64_t>(prefix + "offsets")) {
  const auto chunks = file.array<std::uint8_t>(prefix + "chunks");
  bytes_ = {reinterpret_cast<const char*>(chunks.data()), chunks.size()};
  if (offsets_.size() != count + 1)
    throw FormatError(file.name(),
                      fmt::format("{}offsets: {} entries, {} are needed", prefix, offsets_.size(), count + 1));
  if (offsets_.front() != 0 || offsets_.back() != bytes_.size())
    throw FormatError(file.name(),
                      fmt::format("{}offsets: they do not cover the {} bytes of the chunks", prefix, bytes_.size()));
  if (reinterpret_cast<std::uintptr_t>(bytes_.data()) % kChunkAlignment != 0)
    throw FormatError(file.name(), fmt::format("{}chunks: not aligned to {} bytes", prefix, kChunkAlignment),
                      "the file was written by another program; xmr-inspect convert writes it anew");
}

std::string_view StoredChunks::at(std::size_t chunk, const std::string& place) const {
  const std::uint64_t begin = offsets_[chunk], end = offsets_[chunk + 1];
  if (begin > end || end > bytes_.size() || begin % kChunkAlignment != 0)
    throw FormatError(place, fmt::format("chunk at bytes {}..{} of {}", begin, end, bytes_.size()));
  return trusted(chunk);
}

}  // namespace xmr
