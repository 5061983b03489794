#pragma once
// Learns a vectorizer from all rows of several files, counts rows for one, and turns rows into X and Y. All threads
// work on blocks of lines; the result is in the order of the input and does not depend on their number. Memory:
// docs/xmr-featurize.md. Errors: IoError; DataError with file and line for a bad row (unless skip_bad_rows), and if no
// row is left; ConfigError if a block reads an unnamed column. Thread rule: one call at a time per `parallel`.

#include <cstdint>
#include <vector>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/io/corpus.hpp"
#include "xmr/io/row_ids.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Counts all rows, or the rows of a part.
CorpusCounts count_corpus(const CorpusInput& input, VectorizerFit& fit, Parallel& parallel);

struct LearntCorpus {
  Vectorizer vectorizer;
  CorpusCounts counts;
};
LearntCorpus fit_corpus(const CorpusInput& input, const VectorizerOptions& options, Parallel& parallel);

// Matrices in consecutive pieces.
struct CorpusFeatures {
  std::vector<CsrMatrix> x, y;  // y has no number of columns yet
  std::uint64_t labels = 0;     // the highest id + 1; 0 without labels
  CorpusCounts counts;
};
// If `ids` is given, adds the column id of each row to it. If `labels` is given, reads the column "labels" or "label",
// and "weight" if it is named; else y has no pieces.
CorpusFeatures featurize_corpus(const CorpusInput& input, const Vectorizer& vectorizer, const LabelColumn* labels,
                                Parallel& parallel, RowIds* ids = nullptr);

}  // namespace xmr
