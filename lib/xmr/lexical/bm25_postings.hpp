#pragma once
// The postings of a BM25 index: for each feature the labels whose documents contain it, and its impact on each
// (bm25_model.hpp has the formula). Built from documents in O(entries).
//
// Features are taken together in pieces of kPieceFeatures, each with a checksum over its offsets, its largest impacts
// and its postings, so that a reader can verify what it is about to use and nothing else.
// Thread rule: pure functions.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

struct Bm25Options {
  double k1 = 0.9;  // 0..kLargestK1: how slowly repetition saturates
  double b = 0.4;   // 0..1: how much longer documents count less

  static constexpr double kLargestK1 = 100;
};

// Impacts are whole numbers of 2^-16.
inline constexpr double kImpactUnit = 1.0 / 65536;
inline constexpr std::size_t kPieceFeatures = 16;

// A label whose document has the feature.
struct Posting {
  LabelId label;
  std::uint32_t impact;  // ≥ 1

  bool operator==(const Posting&) const = default;
};

struct FeaturePostings {
  std::span<const Posting> postings;  // by increasing label
  std::uint32_t largest = 0;          // of the impacts; 0 if there are none
};

struct Bm25Postings {
  std::uint64_t labels = 0;
  std::uint64_t documents = 0;         // labels that have one
  double mean_length = 0;              // of those
  std::vector<std::uint64_t> offsets;  // features+1
  std::vector<std::uint32_t> largest;  // by feature
  std::vector<Posting> postings;
  std::vector<std::uint64_t> checksums;  // by piece
};

// documents: labels × features, counts. ConfigError for options out of range; DataError if all documents are empty.
Bm25Postings build_postings(CsrView documents, const Bm25Options& options, Parallel& parallel);

// A piece as it lies in memory.
struct PostingsPiece {
  std::span<const std::uint64_t> offsets;  // of its features, and the end
  std::span<const std::uint32_t> largest;
  std::span<const Posting> postings;
};
std::uint64_t checksum(const PostingsPiece& piece, std::size_t number);
// What is wrong with the content; empty if nothing. Offsets must lie in order around the postings.
std::string find_fault(const PostingsPiece& piece, std::uint64_t labels);

}  // namespace xmr
