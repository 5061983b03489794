#pragma once
// BM25 over labels (Robertson, Walker et al., TREC-3, 1994): each label is a document of words (label_documents.hpp);
// a query's labels are ranked by
//
//   score(q, l) = Σ_t count(t in q) · idf(t) · tf (k1 + 1) / (tf + k1 (1 - b + b · length(l) / mean length))
//   idf(t)      = factor(t) · ln(1 + (N - df + ½) / (df + ½))
//
// tf = count(t in l); df of the N labels that have a document contain t. The share of one occurrence in the query, the
// impact, is computed when the index is built and stored as a whole number of units of 2^-16.
// Thread rule: pure functions.

#include <cstdint>
#include <limits>
#include <vector>

#include "xmr/lexical/postings.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct Bm25Options {
  double k1 = 0.9;  // 0..kLargestK1: how slowly repetition saturates
  double b = 0.4;   // 0..1: how much longer documents count less
  // Factors of the impacts of features, 0..1. Empty: 1 for each.
  std::vector<float> factors = {};

  static constexpr double kLargestK1 = 100;
};

// Impacts are whole numbers of 2^-16.
inline constexpr double kImpactUnit = 1.0 / 65536;

struct Bm25Postings : Postings {  // a document for each label
  std::uint64_t filled = 0;       // labels whose document has a word
  double mean_length = 0;         // of their documents
};

// documents: labels × features, counts. A feature in more than max_labels labels gets no postings. ConfigError for
// options out of range; DataError if all documents are empty.
Bm25Postings build_postings(CsrView documents, const Bm25Options& options, Parallel& parallel,
                            std::uint64_t max_labels = std::numeric_limits<std::uint64_t>::max());

}  // namespace xmr
