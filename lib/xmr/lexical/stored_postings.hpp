#pragma once
// Postings (postings.hpp) used in place in an archive. Opening looks at nothing that grows with the postings; a piece
// of them (16 features) is verified at its first visit, by anybody.
// The archive must outlive it. Thread rule: const methods from any thread.

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "xmr/io/npz_file.hpp"
#include "xmr/lexical/postings.hpp"

namespace xmr {

class StoredPostings {
 public:
  StoredPostings() = default;
  // The members behind the prefix. FormatError unless their lengths fit the number of features.
  StoredPostings(const NpzFile& file, const std::string& prefix, std::uint64_t features, std::uint64_t documents);

  std::uint64_t features() const { return largest_.size(); }
  std::uint64_t documents() const { return documents_; }

  // The documents that have the feature. FormatError with the features' range for damaged postings.
  FeaturePostings operator[](FeatureId feature) const {
    const std::size_t piece = feature / kPieceFeatures;
    if (!verified_[piece].load(std::memory_order_relaxed)) verify_piece(piece);
    const std::uint64_t begin = offsets_[feature];
    return {postings_.subspan(begin, offsets_[feature + 1] - begin), largest_[feature]};
  }
  // Fetches the place of the postings of a feature that is soon asked for.
  void fetch(FeatureId feature) const {
    __builtin_prefetch(&verified_[feature / kPieceFeatures]);
    __builtin_prefetch(&offsets_[feature]);
    __builtin_prefetch(&largest_[feature]);
  }
  // Visits every piece; returns the number of postings.
  std::uint64_t verify() const;

 private:
  void verify_piece(std::size_t piece) const;

  std::string place_;  // file and prefix, for messages
  std::uint64_t documents_ = 0;
  std::span<const std::uint64_t> offsets_;    // features+1
  std::span<const std::uint32_t> largest_;    // by feature
  std::span<const std::uint64_t> checksums_;  // by piece
  std::span<const Posting> postings_;
  std::unique_ptr<std::atomic<bool>[]> verified_;  // by piece
};

}  // namespace xmr
