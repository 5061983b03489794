#pragma once
// The metrics of ranked lists written down from their definitions (docs/methods.md, "Evaluation"), for one row at a
// time and without any care for speed.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
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

// A row whose relevant labels have weights.
struct PlainGrades {
  std::map<std::uint32_t, double> weights;
  std::vector<std::uint32_t> ranked;

  double weight(std::uint32_t label) const { return weights.contains(label) ? std::max(weights.at(label), 0.0) : 0; }
  std::size_t relevant() const {
    return static_cast<std::size_t>(std::ranges::count_if(weights, [](const auto& entry) { return entry.second > 0; }));
  }
};

inline double plain_mean(const std::vector<PlainGrades>& rows,
                         const std::function<double(const PlainGrades&)>& of_row) {
  double sum = 0;
  for (const PlainGrades& row : rows)
    sum += of_row(row);
  return sum / static_cast<double>(rows.size());
}

// m_ndcg_cut.c of trec_eval: gain / log2(rank + 1) over the same sum of the best list of k.
inline double plain_graded_ndcg(const std::vector<PlainGrades>& rows, std::size_t k,
                                const std::function<double(double)>& gain) {
  return plain_mean(rows, [&](const PlainGrades& row) {
    double sum = 0, ideal = 0;
    for (std::size_t i = 0; i < std::min(k, row.ranked.size()); ++i)
      sum += gain(row.weight(row.ranked[i])) / std::log2(static_cast<double>(i) + 2);
    std::vector<double> gains;
    for (const auto& [label, weight] : row.weights)
      gains.push_back(gain(std::max(weight, 0.0)));
    std::sort(gains.rbegin(), gains.rend());
    for (std::size_t i = 0; i < std::min(k, gains.size()); ++i)
      ideal += gains[i] / std::log2(static_cast<double>(i) + 2);
    return ideal == 0 ? 0 : sum / ideal;
  });
}

// Algorithm 2 of Chapelle, Metzler, Zhang and Grinspan (2009).
inline double plain_err(const std::vector<PlainGrades>& rows, std::size_t k, double largest) {
  return plain_mean(rows, [&](const PlainGrades& row) {
    double p = 1, err = 0;
    for (std::size_t i = 0; i < std::min(k, row.ranked.size()); ++i) {
      const double r = (std::pow(2, row.weight(row.ranked[i])) - 1) / std::pow(2, largest);
      err += p * r / static_cast<double>(i + 1);
      p *= 1 - r;
    }
    return err;
  });
}

// m_map_cut.c of trec_eval.
inline double plain_map(const std::vector<PlainGrades>& rows, std::size_t k) {
  return plain_mean(rows, [&](const PlainGrades& row) {
    double sum = 0, found = 0;
    for (std::size_t i = 0; i < std::min(k, row.ranked.size()); ++i) {
      if (row.weight(row.ranked[i]) <= 0) continue;
      found += 1;
      sum += found / static_cast<double>(i + 1);
    }
    return found == 0 ? 0 : sum / static_cast<double>(row.relevant());
  });
}

// The hits of the first `depth` answers over `whole`; 0 / 0 is 0. m_Rprec.c of trec_eval: depth = whole = the number of
// relevant labels.
inline double plain_share(const PlainGrades& row, std::size_t depth, std::size_t whole) {
  double hits = 0;
  for (std::size_t i = 0; i < std::min(depth, row.ranked.size()); ++i)
    hits += row.weight(row.ranked[i]) > 0 ? 1 : 0;
  return whole == 0 ? 0 : hits / static_cast<double>(whole);
}

// nDCG with the gain 1/q over that of the best lists, each nDCG with the ideal of plain hits (pyxclib).
inline double plain_psndcg(const std::vector<PlainGrades>& rows, std::size_t k, const std::vector<double>& inverse) {
  double gained = 0, best = 0;
  for (const PlainGrades& row : rows) {
    double sum = 0, most = 0, ideal = 0;
    std::vector<double> all;
    for (const auto& [label, weight] : row.weights)
      if (weight > 0) all.push_back(inverse[label]);
    std::sort(all.rbegin(), all.rend());
    for (std::size_t i = 0; i < k; ++i) {
      const double discount = 1 / std::log2(static_cast<double>(i) + 2);
      if (i < row.ranked.size() && row.weight(row.ranked[i]) > 0) sum += inverse[row.ranked[i]] * discount;
      if (i < all.size()) most += all[i] * discount;
      if (i < all.size()) ideal += discount;
    }
    if (ideal == 0) continue;
    gained += sum / ideal;
    best += most / ideal;
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
