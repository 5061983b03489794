#pragma once
// The document of a label: words about it. A matrix of labels × features holds their counts, made of
//
//   the label's rows      the counts of all training texts that have the label, whatever its weight, are added up
//   the label's text      the counts of its text in labels.txt (its key where the text is empty)
//   both
//
// The features must be raw counts (no idf, no norm): BM25 weighs terms itself.
// Texts come from featurize/label_texts.hpp.
// Errors: DataError with row and feature for a value that is no count. Memory: the result, and for rows a transposed Y
// and, with both, a copy of X.

#include <string_view>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// DataError unless every value is a whole number in 1..2^24.
void require_counts(CsrView x, Row first, Row last, std::string_view name);

// x: instances × features, counts; y: instances × labels, which fit each other (sparse/instances.hpp).
CsrMatrix documents_of_rows(CsrView x, CsrView y, Parallel& parallel);
// As documents_of_rows(), with the label texts as one more row for each label.
CsrMatrix documents_of_rows_and_texts(CsrView x, CsrView y, CsrView texts, Parallel& parallel);

}  // namespace xmr
