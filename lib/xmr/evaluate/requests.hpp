#pragma once
// The requests of rows to complete (previous query, prefix, next query), and groups of rows for --split.
// Thread rule: pure functions; Requests is plain data.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

struct Requests {
  std::vector<std::string> previous, prefix, next;

  std::size_t size() const { return next.size(); }
};

struct RowGroup {
  std::string name;
  std::vector<Row> rows;  // increasing
};

// The functions below leave out empty groups.

// Groups rows by the characters of the prefix: 0, 1, 2-3, 4-7, 8 and more.
std::vector<RowGroup> split_by_prefix_length(const Requests& requests);
// Groups rows into two: the previous query is in the training rows, or is not.
std::vector<RowGroup> split_by_seen_previous(const Requests& requests, const Requests& train);
// Groups rows into two: the pair of previous and next query is in the training rows, or is not.
std::vector<RowGroup> split_by_seen_pair(const Requests& requests, const Requests& train);
// Groups rows by the number of training rows of their most frequent relevant label: 0, 1, 2-4, 5-19, 20 and more.
// Rows without relevant labels are a group. Both matrices have the same columns.
std::vector<RowGroup> split_by_label_frequency(CsrView truth, CsrView train);

}  // namespace xmr
