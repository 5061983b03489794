#include "xmr/evaluate/counted.hpp"

#include <algorithm>
#include <cstddef>

namespace xmr {

CsrMatrix judged_answers(CsrView truth, CsrView ranked) {
  CsrMatrix judged(ranked.cols);
  for (Row row = 0; row < ranked.rows; ++row) {
    const SparseRow answers = ranked.row(row);
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (std::ranges::binary_search(truth.row(row).indices, answers.indices[i]))
        judged.push(answers.indices[i], answers.values[i]);
    judged.end_row();
  }
  return judged;
}

std::vector<Row> rows_with_truth(CsrView truth) {
  std::vector<Row> rows;
  for (Row row = 0; row < truth.rows; ++row)
    if (std::ranges::any_of(truth.row(row).values, [](float weight) { return weight > 0; })) rows.push_back(row);
  return rows;
}

}  // namespace xmr
