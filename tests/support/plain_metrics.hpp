#pragma once
// The metrics of ranked lists written down from their definitions (docs/methods.md, "Evaluation"), for one row at a
// time and without any care for speed.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <set>
#include <vector>

namespace xmr::test {

struct PlainRow {
  std::set<std::uint32_t> truth;
  std::vector<std::uint32_t> ranked;
};

inline bool plain_hit(const PlainRow& row, std::size_t rank) {  // rank from 1
  return rank <= row.ranked.size() && row.truth.contains(row.ranked[rank - 1]);
}

inline double plain_mean(const std::vector<PlainRow>& rows, const std::function<double(const PlainRow&)>& of_row) {
  double sum = 0;
  for (const PlainRow& row : rows)
    sum += of_row(row);
  return sum / static_cast<double>(rows.size());
}

inline double plain_hits(const PlainRow& row, std::size_t k) {
  double hits = 0;
  for (std::size_t rank = 1; rank <= k; ++rank)
    hits += plain_hit(row, rank) ? 1 : 0;
  return hits;
}

inline double plain_precision(const std::vector<PlainRow>& rows, std::size_t k) {
  return plain_mean(rows, [&](const PlainRow& row) { return plain_hits(row, k) / static_cast<double>(k); });
}

inline double plain_recall(const std::vector<PlainRow>& rows, std::size_t k) {
  return plain_mean(rows, [&](const PlainRow& row) {
    return row.truth.empty() ? 0 : plain_hits(row, k) / static_cast<double>(row.truth.size());
  });
}

inline double plain_ndcg(const std::vector<PlainRow>& rows, std::size_t k) {
  return plain_mean(rows, [&](const PlainRow& row) {
    double gain = 0, ideal = 0;
    for (std::size_t rank = 1; rank <= k; ++rank) {
      const double discount = 1 / std::log2(static_cast<double>(rank) + 1);
      if (plain_hit(row, rank)) gain += discount;
      if (rank <= row.truth.size()) ideal += discount;
    }
    return ideal == 0 ? 0 : gain / ideal;
  });
}

inline double plain_mrr(const std::vector<PlainRow>& rows, std::size_t k) {
  return plain_mean(rows, [&](const PlainRow& row) {
    for (std::size_t rank = 1; rank <= k; ++rank)
      if (plain_hit(row, rank)) return 1 / static_cast<double>(rank);
    return 0.0;
  });
}

inline double plain_inverse_propensity(double rows, double rows_with_label, double a, double b) {
  const double c = (std::log(rows) - 1) * std::pow(b + 1, a);
  const double q = 1 / (1 + c * std::exp(-a * std::log(rows_with_label + b)));
  return 1 / q;
}

inline double plain_psp(const std::vector<PlainRow>& rows, std::size_t k, const std::vector<double>& inverse) {
  double gained = 0, best = 0;
  for (const PlainRow& row : rows) {
    for (std::size_t rank = 1; rank <= k; ++rank)
      if (plain_hit(row, rank)) gained += inverse[row.ranked[rank - 1]];
    std::vector<double> all;
    for (const std::uint32_t label : row.truth)
      all.push_back(inverse[label]);
    std::sort(all.rbegin(), all.rend());
    for (std::size_t i = 0; i < std::min(k, all.size()); ++i)
      best += all[i];
  }
  return best == 0 ? 0 : gained / best;
}

inline double plain_coverage(const std::vector<PlainRow>& rows, std::size_t k) {
  std::set<std::uint32_t> asked, found;
  for (const PlainRow& row : rows) {
    asked.insert(row.truth.begin(), row.truth.end());
    for (std::size_t rank = 1; rank <= k; ++rank)
      if (plain_hit(row, rank)) found.insert(row.ranked[rank - 1]);
  }
  return asked.empty() ? 0 : static_cast<double>(found.size()) / static_cast<double>(asked.size());
}

}  // namespace xmr::test
