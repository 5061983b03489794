#pragma once
// TF-IDF weights of the n-grams of a row. Formulae: docs/methods.md, "Features".

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/featurize/options.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// The weight of an n-gram that occurs in `df` of `rows` rows.
float idf_weight(InverseDocumentFrequency idf, std::uint64_t rows, std::uint64_t df);

// Makes the entries of a row from the n-grams of its text. Thread rule: one thread at a time per object.
class RowWeigher {
 public:
  // Sorts `found` (the features of a block's n-grams, one for each occurrence) and appends the weighted and normalised
  // entries of the block: features numbered from `first` on, without zeros. idf: by feature, empty for 1.
  void append(const BlockOptions& options, FeatureId first, std::span<const float> idf,
              std::vector<std::uint32_t>& found, std::vector<std::uint32_t>& indices, std::vector<float>& values);
  // The same with places: feature · 2^32 + place.
  void append(const BlockOptions& options, FeatureId first, std::span<const float> idf,
              std::vector<std::uint64_t>& placed, std::vector<std::uint32_t>& indices, std::vector<float>& values);

 private:
  std::vector<std::uint32_t> counts_;  // occurrences of each feature
};

}  // namespace xmr
