#pragma once
// The requests behind the rows of a completion's predictions: what was asked before, what was typed, what it became;
// and the groups by which their metrics are split. Thread rule: pure functions; Requests is plain data.

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

// All of these leave out groups without rows.
// By characters typed: 0, 1, 2-3, 4-7, 8 and more.
std::vector<RowGroup> split_by_prefix_length(const Requests& requests);
// By whether a pair of the training rows begins with the same previous query, or has the same next one, too.
std::vector<RowGroup> split_by_seen_previous(const Requests& requests, const Requests& train);
std::vector<RowGroup> split_by_seen_pair(const Requests& requests, const Requests& train);
// By the number of training rows of the row's most frequent relevant label: none, 1, 2-4, 5-19, 20 and more; and the
// rows without relevant labels. Both have the same columns.
std::vector<RowGroup> split_by_label_frequency(CsrView truth, CsrView train);

}  // namespace xmr
