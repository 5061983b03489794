#pragma once
// Answers as a list that can be compared.

#include <cstddef>
#include <utility>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/types.hpp"

namespace xmr::test {

using Ranked = std::vector<std::pair<LabelId, float>>;

inline Ranked ranked(SparseRow answers) {
  Ranked pairs;
  for (std::size_t i = 0; i < answers.size(); ++i)
    pairs.emplace_back(answers.indices[i], answers.values[i]);
  return pairs;
}

}  // namespace xmr::test
