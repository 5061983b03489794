#pragma once
// Where the features of several models are in a query. Models that were trained with the same vectorizer share a space;
// the features of the second space are numbered behind those of the first, and so on: the query is one sparse row.
//
// Thread rule: a JoinedRow belongs to one thread; FeatureSpaces: const methods from any thread.

#include <cstdint>
#include <vector>

#include "xmr/sparse/csr.hpp"

namespace xmr {

struct FeatureSpaces {
  std::vector<std::size_t> of_model;  // the space of each model
  std::vector<std::uint64_t> sizes;   // of each space

  // DataError if the features of all spaces together cannot be numbered.
  void check() const;
};

// A row of each space, put together.
class JoinedRow {
 public:
  void clear();
  // The row of the next space, which has so many features.
  void append(SparseRow row, std::uint64_t features);
  SparseRow row() const { return {indices_, values_}; }

 private:
  std::uint64_t first_ = 0;  // feature of the next space
  std::vector<FeatureId> indices_;
  std::vector<float> values_;
};

}  // namespace xmr
