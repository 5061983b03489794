#pragma once
// An inverted index: for each feature the documents that contain it, and its impact on each. A document is a label
// (bm25_postings.hpp) or a training row (neighbours.hpp). Impacts are whole numbers: sums of whole numbers do not
// depend on their order, so bounds are exact, and so is a ranking.
//
// Features are taken together in pieces of kPieceFeatures, each with a checksum over its offsets, its largest impacts
// and its postings, so that a reader can verify only the pieces that it uses (stored_postings.hpp).
// Thread rule: pure functions.

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/npz_writer.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

inline constexpr std::size_t kPieceFeatures = 16;

struct Posting {
  std::uint32_t document;
  std::uint32_t impact;  // ≥ 1

  bool operator==(const Posting&) const = default;
};

struct FeaturePostings {
  std::span<const Posting> postings;  // by increasing document
  std::uint32_t largest = 0;          // of the impacts; 0 if there are none
};

struct Postings {
  std::uint64_t documents = 0;
  std::vector<std::uint64_t> offsets;  // features+1
  std::vector<std::uint32_t> largest;  // by feature
  std::vector<Posting> postings;
  std::vector<std::uint64_t> checksums;  // by piece
};

// Writes the impacts of a feature on its documents, given their ids and the feature's values in them.
using ImpactsOfFeature = std::function<void(SparseRow documents, std::span<std::uint32_t> impacts)>;

// documents × features to postings. A feature in more than max_documents documents gets none. O(entries).
Postings invert(CsrView documents, const ImpactsOfFeature& impacts, Parallel& parallel,
                std::uint64_t max_documents = std::numeric_limits<std::uint64_t>::max());

// Adds checksums to postings that have everything else.
void add_checksums(Postings& postings, Parallel& parallel);

// Members of an archive, each name behind the prefix.
void write_postings(NpzWriter& out, const std::string& prefix, const Postings& postings);

// A piece as it lies in memory.
struct PostingsPiece {
  std::span<const std::uint64_t> offsets;  // of its features, and the end
  std::span<const std::uint32_t> largest;
  std::span<const Posting> postings;
};
std::uint64_t checksum(const PostingsPiece& piece, std::size_t number);
// Returns the fault of the content, or empty. Offsets must lie in order around the postings.
std::string find_fault(const PostingsPiece& piece, std::uint64_t documents);

}  // namespace xmr
