#pragma once
// TF-IDF: what the n-grams of a row weigh. Formulae: docs/methods.md, "Features".

#include <cstdint>
#include <span>
#include <vector>

#include <hwy/contrib/sort/vqsort.h>

#include "xmr/featurize/options.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// The weight of an n-gram that occurs in `df` of `rows` rows.
float idf_weight(InverseDocumentFrequency idf, std::uint64_t rows, std::uint64_t df);

// Makes entries of a row from what was found in its text. Thread rule: one thread at a time per object.
class RowWeigher {
 public:
  // Sorts `found`, the features of a block's n-grams, one for each occurrence, and appends the block's weighted and
  // normalised entries to a row: features numbered from `first` on, zeros left out. idf: by feature, empty for 1.
  void append(const BlockOptions& options, FeatureId first, std::span<const float> idf,
              std::vector<std::uint32_t>& found, std::vector<std::uint32_t>& indices, std::vector<float>& values);
  // The same where places count: feature · 2^32 + place.
  void append(const BlockOptions& options, FeatureId first, std::span<const float> idf,
              std::vector<std::uint64_t>& placed, std::vector<std::uint32_t>& indices, std::vector<float>& values);

 private:
  void sort(std::vector<std::uint32_t>& found) const;

  hwy::Sorter sorter_;
  std::vector<std::uint32_t> counts_;  // occurrences of each feature
};

}  // namespace xmr
