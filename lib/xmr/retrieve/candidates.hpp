#pragma once
// The candidates of a query: the union of the labels that the sources list, each with its score and rank by source.
//
//   Candidates candidates(labels);
//   candidates.clear();
//   candidates.add(Source::words, listed, bound);   // labels and scores, best first
//   candidates.all()                                                          // in the order in which they were met
//
// Memory: 4 bytes a label; nothing is allocated once the first queries have made it grow.
// Thread rule: one object a thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

enum class Source : std::uint8_t { trees, words, grams, neighbours };
inline constexpr std::size_t kSources = 4;
inline constexpr std::array<Source, kSources> kAllSources = {Source::trees, Source::words, Source::grams,
                                                             Source::neighbours};
std::string_view name_of(Source source);

// The score and rank of a label in the list of a source. If the source does not list it, the rank is 0.
struct Listing {
  float score = 0;
  std::uint32_t rank = 0;  // from 1
};

struct RetrievalCandidate {
  LabelId label = 0;
  std::array<Listing, kSources> by;
  float nearest = 0;  // the largest cosine of a row that has the label

  const Listing& of(Source source) const { return by[static_cast<std::size_t>(source)]; }
};

// The list of a source as a whole.
struct SourceList {
  std::uint32_t size = 0;
  float best = 0, second = 0;  // scores
};

// A candidate that stands out before the evidence is weighed, by Σ 1/rank over the sources.
struct Leader {
  LabelId label = 0;
  float weight = 0;  // the sum, > 0
};
inline constexpr std::size_t kLeaders = 5;

class Candidates {
 public:
  explicit Candidates(std::uint64_t labels) : place_(labels) {}

  void clear();
  // Adds the list of a source, which has none yet. Scores are divided by `largest`, unless it is 0.
  void add(Source source, SparseRow listed, float largest);
  // By label of the list of neighbours, which was added before: the largest cosine of a row.
  void add_nearest(SparseRow listed, std::span<const float> cosines);
  std::span<const RetrievalCandidate> all() const { return all_; }
  // The candidates with the largest weights, at most kLeaders; equal weights in the order of all().
  std::span<const Leader> find_leaders();
  const SourceList& list(Source source) const { return lists_[static_cast<std::size_t>(source)]; }

 private:
  std::vector<std::uint32_t> place_;  // by label, 1 + its place in all_; 0: none
  std::vector<RetrievalCandidate> all_;
  std::array<SourceList, kSources> lists_;
  std::array<Leader, kLeaders> leaders_;
};

}  // namespace xmr
