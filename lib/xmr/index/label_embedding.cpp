#include "xmr/index/label_embedding.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/huge_pages.hpp"

namespace xmr {

namespace {

constexpr std::size_t kBlock = 128;          // labels of a parallel step
constexpr std::uint64_t kMeanLabels = 1024;  // labels from which the mean is estimated

// A sum of sparse rows. Two levels of bitmaps record the touched columns and give them in order without sorting.
class RowSum {
 public:
  explicit RowSum(std::uint64_t columns)
      : sums_(columns, 0.0F), touched_(columns / 64 + 1, 0), touched_words_(columns / 4096 + 1, 0) {}

  void add(SparseRow row, float weight) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::uint32_t column = row.indices[i];
      sums_[column] += weight * row.values[i];
      touched_[column / 64] |= std::uint64_t{1} << (column % 64);
      touched_words_[column / 4096] |= std::uint64_t{1} << (column / 64 % 64);
    }
  }

  // Appends the columns of the sum in order and its nonzero values, then starts a new sum.
  void take(std::vector<std::uint32_t>& columns, std::vector<float>& values) {
    for (std::size_t group = 0; group < touched_words_.size(); ++group) {
      for (std::uint64_t words = std::exchange(touched_words_[group], 0); words != 0; words &= words - 1) {
        const std::size_t word = group * 64 + static_cast<std::size_t>(std::countr_zero(words));
        for (std::uint64_t bits = std::exchange(touched_[word], 0); bits != 0; bits &= bits - 1) {
          const std::size_t column = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
          const float sum = std::exchange(sums_[column], 0.0F);
          if (sum == 0) continue;
          columns.push_back(static_cast<std::uint32_t>(column));
          values.push_back(sum);
        }
      }
    }
  }

 private:
  HugeVector<float> sums_;
  std::vector<std::uint64_t> touched_, touched_words_;
};

// Makes the vector of one label at a time. Each thread has its own.
class Embedder {
 public:
  Embedder(CsrView x, CsrView rows_of_label, CsrView label_features, std::span<const float> mean, std::uint32_t size)
      : x_(x), rows_of_label_(rows_of_label), label_features_(label_features), mean_(mean), size_(size), sum_(x.cols) {}

  void append(LabelId label, CsrMatrix& out) {
    columns_.clear();
    values_.clear();
    const SparseRow rows = rows_of_label_.row(label);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + 1 < rows.size()) prefetch(x_.row(rows.indices[i + 1]));
      sum_.add(x_.row(rows.indices[i]), rows.values[i]);
    }
    sum_.take(columns_, values_);
    scale(label, 0);
    if (label_features_.rows > 0) append_label_features(label);
    if (!mean_.empty()) subtract_mean();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (values_[i] != 0) out.push(columns_[i], values_[i]);
    out.end_row();
  }

 private:
  static void prefetch(SparseRow row) {
    for (std::size_t i = 0; i < std::min<std::size_t>(row.size(), 64); i += 16) {
      __builtin_prefetch(row.indices.data() + i);
      __builtin_prefetch(row.values.data() + i);
    }
  }

  // Scales the values from `first` on to length 1.
  void scale(LabelId label, std::size_t first) {
    double squares = 0;
    for (std::size_t i = first; i < values_.size(); ++i)
      squares += static_cast<double>(values_[i]) * static_cast<double>(values_[i]);
    if (!std::isfinite(squares)) throw DataError(fmt::format("label {}: the sum of its rows overflows", label));
    const double length = std::sqrt(squares);
    if (length == 0) return;
    for (std::size_t i = first; i < values_.size(); ++i)
      values_[i] = static_cast<float>(static_cast<double>(values_[i]) / length);
  }

  void append_label_features(LabelId label) {
    const std::size_t own = values_.size();
    const SparseRow features = label_features_.row(label);
    for (std::size_t i = 0; i < features.size(); ++i) {
      columns_.push_back(static_cast<std::uint32_t>(x_.cols + features.indices[i]));
      values_.push_back(features.values[i]);
    }
    scale(label, own);
    scale(label, 0);
  }

  // Keeps the entries that differ most from the mean, and subtracts the mean.
  void subtract_mean() {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      values_[i] -= mean_[columns_[i]];
    if (columns_.size() <= size_) return;
    // Positive floats are ordered like their bits; of equal values the earlier column has the larger key.
    const auto key = [&](std::size_t i) {
      return std::uint64_t{std::bit_cast<std::uint32_t>(std::fabs(values_[i]))} << 32 | ~static_cast<std::uint32_t>(i);
    };
    keys_.resize(columns_.size());
    for (std::size_t i = 0; i < keys_.size(); ++i)
      keys_[i] = key(i);
    const auto last = keys_.begin() + (size_ - 1);
    std::nth_element(keys_.begin(), last, keys_.end(), std::greater<>());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (key(i) < *last) continue;
      columns_[kept] = columns_[i];
      values_[kept++] = values_[i];
    }
    columns_.resize(size_);
    values_.resize(size_);
  }

  CsrView x_, rows_of_label_, label_features_;
  std::span<const float> mean_;
  std::uint32_t size_;
  RowSum sum_;
  std::vector<std::uint32_t> columns_;
  std::vector<float> values_;
  std::vector<std::uint64_t> keys_;
};

void check(CsrView x, CsrView y, CsrView label_features) {
  if (x.rows != y.rows) throw DataError(fmt::format("X has {} rows, Y has {}", x.rows, y.rows));
  if (y.cols == 0) throw DataError("Y has no labels");
  if (label_features.rows != 0 && label_features.rows != y.cols)
    throw DataError(fmt::format("label features have {} rows, Y has {} labels", label_features.rows, y.cols));
  if (x.cols + label_features.cols > std::numeric_limits<std::uint32_t>::max())
    throw DataError(fmt::format("{} features and {} label features are more than 2^32", x.cols, label_features.cols));
}

std::vector<float> mean_of(std::span<const CsrMatrix> pieces, std::uint64_t columns) {
  std::vector<double> sums(columns, 0.0);
  std::uint64_t count = 0;
  for (const CsrView piece : pieces) {
    for (std::size_t i = 0; i < piece.nnz(); ++i)
      sums[piece.indices[i]] += static_cast<double>(piece.values[i]);
    count += piece.rows;
  }
  std::vector<float> mean(columns);
  for (std::size_t c = 0; c < columns; ++c)
    mean[c] = static_cast<float>(sums[c] / static_cast<double>(count));
  return mean;
}

// Returns, for increasing labels, their rows of X and the weights of these rows. A normalised and transposed copy of Y
// would double the memory.
CsrMatrix rows_of_labels(CsrView y, Norm norm, std::span<const LabelId> labels) {
  std::vector<bool> is_kept(y.cols);
  for (const LabelId label : labels)
    is_kept[label] = true;
  std::vector<Offset> indptr(y.cols + 1);
  for (const LabelId label : y.indices)
    indptr[label + 1] += is_kept[label] ? 1 : 0;
  std::partial_sum(indptr.begin(), indptr.end(), indptr.begin());
  std::vector<Offset> next(indptr.begin(), indptr.end() - 1);
  std::vector<std::uint32_t> rows(indptr.back());
  std::vector<float> weights(indptr.back()), of_row;
  for (Row r = 0; r < y.rows; ++r) {
    const SparseRow row = y.row(r);
    of_row.assign(row.values.begin(), row.values.end());
    normalize(of_row, norm);
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!is_kept[row.indices[i]]) continue;
      const Offset at = next[row.indices[i]]++;
      rows[at] = static_cast<std::uint32_t>(r);
      weights[at] = of_row[i];
    }
  }
  return {y.rows, std::move(indptr), std::move(rows), std::move(weights)};
}

}  // namespace

LabelEmbedding::LabelEmbedding(CsrView x, CsrView y, CsrView label_features, const EmbeddingOptions& options,
                               Parallel& parallel, std::optional<std::span<const LabelId>> labels)
    : x_(x), label_features_(label_features), options_(options), parallel_(parallel) {
  check(x, y, label_features);
  if (labels) {
    labels_.assign(labels->begin(), labels->end());
  } else {
    labels_.resize(y.cols);
    std::iota(labels_.begin(), labels_.end(), LabelId{0});
  }
  rows_of_label_ = rows_of_labels(y, options.y_norm, labels_);
}

void LabelEmbedding::vectors_of(std::span<const LabelId> labels, std::span<const float> mean, const Take& take) const {
  Phase phase(parallel_.observer(), "embed", labels.size(), "labels");
  std::vector<Embedder> workers;
  for (unsigned worker = 0; worker < parallel_.threads(); ++worker)
    workers.emplace_back(x_, rows_of_label_, label_features_, mean, options_.size);
  parallel_.for_blocks(labels.size(), kBlock, [&](std::size_t begin, std::size_t end, unsigned worker) {
    CsrMatrix vectors(x_.cols + label_features_.cols);
    for (std::size_t i = begin; i < end; ++i)
      workers[worker].append(labels[i], vectors);
    take(begin, std::move(vectors));
    phase.advance(end - begin);
  });
}

std::vector<CsrMatrix> LabelEmbedding::embed(std::span<const float> mean, std::span<const LabelId> labels) const {
  std::vector<CsrMatrix> pieces((labels.size() + kBlock - 1) / kBlock);
  vectors_of(labels, mean, [&](std::size_t first, CsrMatrix vectors) { pieces[first / kBlock] = std::move(vectors); });
  return pieces;
}

std::vector<float> LabelEmbedding::mean() const {
  if (options_.size == 0) return {};
  std::vector<LabelId> sample;
  for (std::size_t label = 0; label < labels_.size(); label += std::max<std::size_t>(1, labels_.size() / kMeanLabels))
    sample.push_back(labels_[label]);
  return mean_of(embed({}, sample), x_.cols + label_features_.cols);
}

CsrMatrix LabelEmbedding::vectors(std::span<const float> mean) const {
  return put_together(embed(mean, labels_), labels_, labels());
}

CsrMatrix LabelEmbedding::vectors_of(std::span<const LabelId> labels, std::span<const float> mean) const {
  std::vector<std::uint32_t> rows(labels.size());
  std::iota(rows.begin(), rows.end(), 0U);
  return put_together(embed(mean, labels), rows, rows.size());
}

// Row rows[i] (increasing) is the i-th vector.
CsrMatrix LabelEmbedding::put_together(std::vector<CsrMatrix> pieces, std::span<const std::uint32_t> rows,
                                       std::uint64_t all) const {
  std::uint64_t entries = 0;
  for (const CsrMatrix& piece : pieces)
    entries += piece.view().nnz();
  CsrMatrix vectors(x_.cols + label_features_.cols);
  vectors.reserve(all, entries);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    while (vectors.rows() < rows[i])
      vectors.end_row();
    CsrMatrix& piece = pieces[i / kBlock];
    vectors.append_row(piece.view().row(i % kBlock));
    if ((i + 1) % kBlock == 0) piece = CsrMatrix();
  }
  while (vectors.rows() < all)
    vectors.end_row();
  return vectors;
}

CsrMatrix embed_labels(CsrView x, CsrView y, CsrView label_features, const EmbeddingOptions& options,
                       Parallel& parallel) {
  const LabelEmbedding embedding(x, y, label_features, options, parallel);
  return embedding.vectors(embedding.mean());
}

}  // namespace xmr
