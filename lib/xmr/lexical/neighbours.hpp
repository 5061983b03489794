#pragma once
// Labels of the training rows that are most similar to a query:
//
//   cosine(q, r) = Σ q[f] · x[r][f] / (|q| · |x[r]|), over the features that are in few rows
//   score(q, l)  = Σ over the most similar rows: cosine(q, r)³ · share of l among the weights of row r
//
// A feature in more than max(kMinRowsOfFeature, rows · kShareOfFeature) rows is left out of the sum: such features tell
// little and have most of the postings. Values are whole numbers of 2^-16 in the index and in the query.
//
//   NeighbourPostings built = build_neighbours(x, y, parallel);
//   write_neighbours(out, "neighbours/", built);
//   const NeighbourIndex index(file, "neighbours/", features, labels);
//   NeighbourSearch search(index, 100);                // one a thread
//   const SparseRow ranked = search(query);            // labels and scores, best first
//   search.nearest();                                  // for each of them the largest cosine of its rows
//
// Opening looks at nothing that grows with the index; a piece of it (16 features, 16 rows) is verified at its first
// visit. Memory of a search: 8 bytes a row and 16 bytes a label, reused; nothing is allocated once the first queries
// have made it grow. Errors: DataError for a negative value; ConfigError for 0 labels or rows wanted; FormatError for a
// damaged index. Thread rule: const methods from any thread; one search a thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/lexical/postings_search.hpp"
#include "xmr/lexical/stored_postings.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

inline constexpr std::uint64_t kMinRowsOfFeature = 1000;
inline constexpr double kShareOfFeature = 0.002;
inline constexpr std::uint32_t kNeighbours = 50;

struct NeighbourPostings {
  Postings rows;    // by feature
  Postings labels;  // by row; the impact is the label's share of the row's weights
};

// x: rows × features, y: rows × labels; both of the same number of rows.
NeighbourPostings build_neighbours(CsrView x, CsrView y, Parallel& parallel);
void write_neighbours(NpzWriter& out, const std::string& prefix, const NeighbourPostings& built);

class NeighbourIndex {
 public:
  NeighbourIndex(const NpzFile& file, const std::string& prefix, std::uint64_t features, std::uint64_t labels);

  const StoredPostings& rows() const { return rows_; }
  const StoredPostings& labels() const { return labels_; }
  // Visits every piece; returns the number of postings.
  std::uint64_t verify() const { return rows_.verify() + labels_.verify(); }

 private:
  StoredPostings labels_, rows_;
};

class NeighbourSearch {
 public:
  // The index must outlive the search.
  NeighbourSearch(const NeighbourIndex& index, std::uint32_t k, std::uint32_t neighbours = kNeighbours);

  // The k labels with the largest scores, equal scores by label id; valid until the next call. The query's features are
  // below the index's number of features; values that are not positive do not count.
  SparseRow operator()(SparseRow query);
  // By answer of the last call: the largest cosine among the rows that have the label.
  std::span<const float> nearest() const { return nearest_; }

 private:
  struct Sum {
    double score = 0;
    float nearest = 0;
  };

  const NeighbourIndex& index_;
  PostingsSearch search_;
  std::uint32_t k_;
  std::vector<Sum> sums_;        // by label, 0 between queries
  std::vector<LabelId> met_;     // labels whose sum is not 0
  std::vector<LabelId> labels_;  // the answer
  std::vector<float> scores_, nearest_;
};

}  // namespace xmr
