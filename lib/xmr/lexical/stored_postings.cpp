#include "xmr/lexical/stored_postings.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

// Pairs of 32-bit numbers: document, impact.
std::span<const Posting> read_postings(const NpzFile& file, const std::string& member) {
  const NpyArray array = file.get(member);
  if (array.shape.size() != 2 || array.shape[1] != 2 || array.fortran_order)
    throw FormatError(array.name, "must have two dimensions, the second of 2");
  const auto numbers = array.as<std::uint32_t>();
  return {reinterpret_cast<const Posting*>(numbers.data()), numbers.size() / 2};
}

}  // namespace

StoredPostings::StoredPostings(const NpzFile& file, const std::string& prefix, std::uint64_t features,
                               std::uint64_t documents)
    : place_(prefix.empty() ? file.name() : fmt::format("{}: {}", file.name(), prefix)), documents_(documents) {
  offsets_ = file.array<std::uint64_t>(prefix + "offsets");
  largest_ = file.array<std::uint32_t>(prefix + "largest");
  checksums_ = file.array<std::uint64_t>(prefix + "checksums");
  postings_ = read_postings(file, prefix + "postings");
  const std::uint64_t pieces = (features + kPieceFeatures - 1) / kPieceFeatures;
  const auto require = [&](const char* member, std::uint64_t size, std::uint64_t needed) {
    if (size != needed)
      throw FormatError(file.name(),
                        fmt::format("{}{}: {} entries, {} features need {}", prefix, member, size, features, needed));
  };
  require("offsets", offsets_.size(), features + 1);
  require("largest", largest_.size(), features);
  require("checksums", checksums_.size(), pieces);
  verified_ = std::make_unique<std::atomic<bool>[]>(pieces);
}

void StoredPostings::verify_piece(std::size_t number) const {
  const std::size_t first = number * kPieceFeatures;
  const std::size_t count = std::min<std::size_t>(kPieceFeatures, features() - first);
  const auto offsets = offsets_.subspan(first, count + 1);
  const std::string place = fmt::format("{}: features {}..{}", place_, first, first + count - 1);
  if (!std::ranges::is_sorted(offsets) || offsets.back() > postings_.size())
    throw FormatError(place, "damaged postings (offsets)");
  const PostingsPiece piece{offsets, largest_.subspan(first, count),
                            postings_.subspan(offsets.front(), offsets.back() - offsets.front())};
  if (checksum(piece, number) != checksums_[number]) throw FormatError(place, "damaged postings (checksum)");
  if (const std::string fault = find_fault(piece, documents_); !fault.empty())
    throw FormatError(place, fmt::format("bad postings: {}", fault));
  // Several threads may verify the same piece at once: each finds the same.
  verified_[number].store(true, std::memory_order_relaxed);
}

std::uint64_t StoredPostings::verify() const {
  for (std::size_t piece = 0; piece < checksums_.size(); ++piece)
    verify_piece(piece);
  return postings_.size();
}

}  // namespace xmr
