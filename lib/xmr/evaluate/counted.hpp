#pragma once
// The rows and answers that count in an evaluation. Thread rule: pure functions.

#include <vector>

#include "xmr/sparse/csr.hpp"

namespace xmr {

// Returns the answers whose labels are judged: the truth has an entry for the row and the label, of any weight. Answers
// keep their order. Both have the same shape. This is -J of trec_eval. Cost: O(answers x log(labels of a row)).
CsrMatrix judged_answers(CsrView truth, CsrView ranked);

// Returns the rows with at least one relevant label (weight above 0), increasing.
std::vector<Row> rows_with_truth(CsrView truth);

}  // namespace xmr
