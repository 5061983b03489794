#pragma once
// Vectors of labels that fall into topics.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/random.hpp"
#include "xmr/util/types.hpp"

namespace xmr::test {

// Label l belongs to topic l mod `topics`: eight features of the topic's ten, and two of anybody's.
inline CsrMatrix topic_vectors(LabelId labels, std::uint32_t topics, std::uint64_t seed) {
  Random random(seed);
  CsrMatrix vectors(topics * 10 + 50);
  for (LabelId label = 0; label < labels; ++label) {
    std::vector<std::uint32_t> columns;
    for (int i = 0; i < 8; ++i)
      columns.push_back(static_cast<std::uint32_t>(label % topics * std::uint64_t{10} + random.below(10)));
    for (int i = 0; i < 2; ++i)
      columns.push_back(static_cast<std::uint32_t>(topics * std::uint64_t{10} + random.below(50)));
    std::ranges::sort(columns);
    columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    for (const std::uint32_t column : columns)
      vectors.push(column, 1.0F);
    vectors.end_row();
  }
  return normalize_rows(vectors, Norm::l2);
}

}  // namespace xmr::test
