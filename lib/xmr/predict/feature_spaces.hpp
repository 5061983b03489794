#pragma once
// The places of the features of several models in a query. Models with the same vectorizer share a space. The spaces
// are numbered one behind another, so the query is one sparse row.
//
// Thread rule: a JoinedRow belongs to one thread; FeatureSpaces: const methods from any thread.

#include <cstdint>
#include <vector>

#include "xmr/sparse/csr.hpp"

namespace xmr {

struct FeatureSpaces {
  std::vector<std::size_t> of_model;  // [model]: its space
  std::vector<std::uint64_t> sizes;   // [space]

  // If all spaces together have too many features, throws DataError.
  void check() const;
};

// Joins the rows of all spaces.
class JoinedRow {
 public:
  void clear();
  // Appends the row of the next space, which has so many features.
  void append(SparseRow row, std::uint64_t features);
  SparseRow row() const { return {indices_, values_}; }

 private:
  std::uint64_t first_ = 0;  // the first feature of the next space
  std::vector<FeatureId> indices_;
  std::vector<float> values_;
};

}  // namespace xmr
