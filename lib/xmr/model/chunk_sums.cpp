#include "xmr/model/chunk_sums.hpp"

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kWordBits = 64;

std::uint64_t blocks_of(std::uint64_t bytes) {
  return (bytes + ChunkSums::kBlock - 1) / ChunkSums::kBlock;
}

}  // namespace

void ChunkSumsBuilder::add(std::string_view chunk) {
  bytes_ += chunk.size();
  if (!begun_.empty()) {
    const std::string_view more = chunk.substr(0, ChunkSums::kBlock - begun_.size());
    begun_ += more;
    chunk.remove_prefix(more.size());
    if (begun_.size() < ChunkSums::kBlock) return;
    sums_.push_back(hash64(begun_));
  }
  for (; chunk.size() >= ChunkSums::kBlock; chunk.remove_prefix(ChunkSums::kBlock))
    sums_.push_back(hash64(chunk.substr(0, ChunkSums::kBlock)));
  begun_ = chunk;
}

void ChunkSumsBuilder::write(NpzWriter& out, const std::string& prefix) {
  if (bytes_ <= ChunkSums::kLeastBytes) return;
  if (!begun_.empty()) sums_.push_back(hash64(begun_));
  out.add(prefix + "sums", sums_);
}

ChunkSums::ChunkSums(const NpzFile& file, const std::string& prefix) {
  if (!file.has(prefix + "sums")) return;
  const auto chunks = file.array<std::uint8_t>(prefix + "chunks");
  bytes_ = {reinterpret_cast<const char*>(chunks.data()), chunks.size()};
  sums_ = file.array<std::uint64_t>(prefix + "sums");
  if (sums_.size() != blocks_of(bytes_.size()))
    throw FormatError(file.name(),
                      fmt::format("{}sums: {} entries, {} are needed", prefix, sums_.size(), blocks_of(bytes_.size())));
  verified_ = std::make_unique<std::atomic<std::uint64_t>[]>(sums_.size() / kWordBits + 1);
}

bool ChunkSums::is_whole(std::uint64_t block) const {
  return hash64(bytes_.substr(block * kBlock, kBlock)) == sums_[block];
}

bool ChunkSums::verify(const void* at, std::size_t bytes, std::uint32_t& hashed) const {
  if (bytes == 0) return true;
  const auto begin = static_cast<std::uint64_t>(static_cast<const char*>(at) - bytes_.data());
  for (std::uint64_t block = begin / kBlock; block <= (begin + bytes - 1) / kBlock; ++block) {
    std::atomic<std::uint64_t>& word = verified_[block / kWordBits];
    const std::uint64_t bit = std::uint64_t{1} << block % kWordBits;
    if ((word.load(std::memory_order_relaxed) & bit) != 0) continue;
    if (!is_whole(block)) return false;
    word.fetch_or(bit, std::memory_order_relaxed);
    ++hashed;
  }
  return true;
}

bool ChunkSums::verify_all() const {
  for (std::uint64_t block = 0; block < sums_.size(); ++block)
    if (!is_whole(block)) return false;
  return true;
}

}  // namespace xmr
