#pragma once
// Corpora through a vectorizer: learn one from all rows of several files, or count for one; turn rows into X and Y.
// All threads work on blocks of lines; what comes out is in the order of the input and the same for any number of
// threads. Memory: docs/xmr-featurize.md.
// Errors: IoError; DataError with file and line for a bad row (or skip_bad_rows), DataError if no row is left;
// ConfigError if a block reads a column that is not named. Thread rule: one call at a time per `parallel`.

#include <cstdint>
#include <vector>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/io/corpus.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Counts all rows, or those of a part.
CorpusCounts count_corpus(const CorpusInput& input, VectorizerFit& fit, Parallel& parallel);

struct LearntCorpus {
  Vectorizer vectorizer;
  CorpusCounts counts;
};
LearntCorpus fit_corpus(const CorpusInput& input, const VectorizerOptions& options, Parallel& parallel);

// Matrices in pieces that follow each other.
struct CorpusFeatures {
  std::vector<CsrMatrix> x, y;  // y: without a number of columns
  std::uint64_t labels = 0;     // the highest id + 1; 0 if there is none
  CorpusCounts counts;
};
// Reads the column "labels", or "label", if `labels` is given, and with it "weight" if that is named; else y has no
// pieces.
CorpusFeatures featurize_corpus(const CorpusInput& input, const Vectorizer& vectorizer, const LabelColumn* labels,
                                Parallel& parallel);

}  // namespace xmr
