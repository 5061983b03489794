#pragma once
// Rows that a retrieval model has not seen, to fit the margin of evidence on and to judge it.
//
//   const RetrievalSplit split = split_rows(data, seed);
//   for (const RetrievalFold& fold : split.folds) ...     // sources of fold.y have not seen fold.held
//
// Rows to hold out are queries: rows with a label. If more than one row of eight has the words of the text of its
// label, such rows are documents and are not held out.
// Rows with the same set of words are one group, and a group is held out as a whole. There are kHeldRows rows, or fewer
// where there are not so many, in up to kMaxFolds folds; a fold holds at most a fifth of the queries.
// Labels of a fold's held rows are made cold, that is, they lose all rows of the fold: as many as make the share of
// cold labels among them that of labels.txt, because the right labels of queries to come will be cold as often. Labels
// that the holding out alone left without rows count. Thread rule: pure functions; the same folds for any number of
// threads.

#include <cstdint>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/train/retrieval_parts.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

struct RetrievalFold {
  CsrMatrix y;            // of all rows; the held rows and the cold labels have none
  std::vector<Row> held;  // increasing
};

struct RetrievalSplit {
  static constexpr std::size_t kHeldRows = 6000;
  static constexpr std::size_t kMaxFolds = 5;

  std::vector<RetrievalFold> folds;
  std::vector<std::uint64_t> group;  // by row; rows of a group are near-copies
  std::uint64_t queries = 0;         // rows that may be held out
  std::uint64_t documents = 0;       // rows with a label that may not
  double cold_share = 0;             // of the labels
};

RetrievalSplit split_rows(const RetrievalData& data, std::uint64_t seed);

}  // namespace xmr
