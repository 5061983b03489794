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

// A sum of few sparse rows by merging. It touches only the memory of the rows. Its additions equal RowSum's.
class MergedSum {
 public:
  void start() {
    columns_.clear();
    sums_.clear();
  }

  void add(SparseRow row, float weight) {
    const std::size_t own = columns_.size(), size = own + row.size();
    next_columns_.resize(size);
    next_sums_.resize(size);
    std::size_t i = 0, j = 0, out = 0;
    while (i < own && j < row.size()) {
      const std::uint32_t left = columns_[i], right = row.indices[j];
      const float sum = left <= right ? sums_[i] : 0.0F, value = right <= left ? weight * row.values[j] : 0.0F;
      next_columns_[out] = std::min(left, right);
      next_sums_[out++] = sum + value;
      i += left <= right ? 1 : 0;
      j += right <= left ? 1 : 0;
    }
    for (; i < own; ++i, ++out) {
      next_columns_[out] = columns_[i];
      next_sums_[out] = sums_[i];
    }
    for (; j < row.size(); ++j, ++out) {
      next_columns_[out] = row.indices[j];
      next_sums_[out] = 0.0F + weight * row.values[j];  // turns -0 into 0, as RowSum does
    }
    next_columns_.resize(out);
    next_sums_.resize(out);
    columns_.swap(next_columns_);
    sums_.swap(next_sums_);
  }

  // Appends the columns of the sum in order and its nonzero values.
  void take(std::vector<std::uint32_t>& columns, std::vector<float>& values) const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (sums_[i] == 0) continue;
      columns.push_back(columns_[i]);
      values.push_back(sums_[i]);
    }
  }

 private:
  std::vector<std::uint32_t> columns_, next_columns_;
  std::vector<float> sums_, next_sums_;
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
    if (rows.size() <= kMergedRows) {
      merged_.start();
      add_rows(rows, merged_);
      merged_.take(columns_, values_);
    } else {
      add_rows(rows, sum_);
      sum_.take(columns_, values_);
    }
    scale(label, 0);
    if (label_features_.rows > 0) append_label_features(label);
    if (!mean_.empty()) subtract_mean();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (values_[i] != 0) out.push(columns_[i], values_[i]);
    out.end_row();
  }

 private:
  static constexpr std::size_t kMergedRows = 4;  // merging takes less time up to about so many rows

  template <class Sum>
  void add_rows(SparseRow rows, Sum& sum) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + 1 < rows.size()) prefetch(x_.row(rows.indices[i + 1]));
      sum.add(x_.row(rows.indices[i]), rows.values[i]);
    }
  }

  static void prefetch(SparseRow row) {
    for (std::size_t i = 0; i < std::min<std::size_t>(row.size(), 256); i += 16) {
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
    const std::uint64_t least = least_kept();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (key(i) < least) continue;
      columns_[kept] = columns_[i];
      values_[kept++] = values_[i];
    }
    columns_.resize(size_);
    values_.resize(size_);
  }

  // Positive floats are ordered like their bits; of equal sizes the earlier entry has the larger key.
  std::uint64_t key(std::size_t entry) const {
    return std::uint64_t{std::bit_cast<std::uint32_t>(std::fabs(values_[entry]))} << 32 |
           ~static_cast<std::uint32_t>(entry);
  }

  // Returns the size_-th largest key. A histogram of the upper bits leaves few keys to select from.
  std::uint64_t least_kept() {
    constexpr unsigned kShift = 52;  // 11 bits: the exponent and three of the fraction
    counts_.assign(std::size_t{1} << (63 - kShift), 0);
    for (std::size_t i = 0; i < values_.size(); ++i)
      ++counts_[key(i) >> kShift];
    std::size_t bin = counts_.size() - 1, wanted = size_;
    for (; counts_[bin] < wanted; --bin)
      wanted -= counts_[bin];
    keys_.clear();
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (key(i) >> kShift == bin) keys_.push_back(key(i));
    const auto last = keys_.begin() + static_cast<std::ptrdiff_t>(wanted) - 1;
    std::nth_element(keys_.begin(), last, keys_.end(), std::greater<>());
    return *last;
  }

  CsrView x_, rows_of_label_, label_features_;
  std::span<const float> mean_;
  std::uint32_t size_;
  RowSum sum_;
  MergedSum merged_;
  std::vector<std::uint32_t> columns_;
  std::vector<float> values_;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> counts_;
};

void check(CsrView x, CsrView y, CsrView label_features) {
  if (x.rows != y.rows) throw DataError(fmt::format("X has {} rows, Y has {}", x.rows, y.rows));
  if (y.cols == 0) throw DataError("Y has no labels");
  if (label_features.rows != 0 && label_features.rows != y.cols)
    throw DataError(fmt::format("label features have {} rows, Y has {} labels", label_features.rows, y.cols));
  if (x.cols + label_features.cols > std::numeric_limits<std::uint32_t>::max())
    throw DataError(fmt::format("{} features and {} label features are more than 2^32", x.cols, label_features.cols));
}

std::vector<float> mean_of(CsrView vectors) {
  std::vector<double> sums(vectors.cols, 0.0);
  for (std::size_t i = 0; i < vectors.nnz(); ++i)
    sums[vectors.indices[i]] += static_cast<double>(vectors.values[i]);
  std::vector<float> mean(vectors.cols);
  for (std::size_t c = 0; c < mean.size(); ++c)
    mean[c] = static_cast<float>(sums[c] / static_cast<double>(vectors.rows));
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
  for_blocks(labels, mean, [&](std::size_t first, CsrMatrix vectors) {
    const std::uint64_t count = vectors.rows();
    take(first, std::move(vectors));
    phase.advance(count);
  });
}

void LabelEmbedding::for_blocks(std::span<const LabelId> labels, std::span<const float> mean, const Take& take) const {
  std::vector<Embedder> workers;
  for (unsigned worker = 0; worker < parallel_.threads(); ++worker)
    workers.emplace_back(x_, rows_of_label_, label_features_, mean, options_.size);
  parallel_.for_blocks(labels.size(), kBlock, [&](std::size_t begin, std::size_t end, unsigned worker) {
    CsrMatrix vectors(x_.cols + label_features_.cols);
    for (std::size_t i = begin; i < end; ++i)
      workers[worker].append(labels[i], vectors);
    take(begin, std::move(vectors));
  });
}

std::vector<float> LabelEmbedding::mean() const {
  if (options_.size == 0) return {};
  std::vector<LabelId> sample;
  for (std::size_t label = 0; label < labels_.size(); label += std::max<std::size_t>(1, labels_.size() / kMeanLabels))
    sample.push_back(labels_[label]);
  return mean_of(vectors_of(sample, {}));
}

CsrMatrix LabelEmbedding::vectors(std::span<const float> mean) const {
  Phase phase(parallel_.observer(), "embed", labels_.size(), "labels");
  return vectors_of(labels_, mean);
}

CsrMatrix LabelEmbedding::vectors_of(std::span<const LabelId> labels, std::span<const float> mean) const {
  std::vector<CsrMatrix> blocks((labels.size() + kBlock - 1) / kBlock);
  for_blocks(labels, mean, [&](std::size_t first, CsrMatrix vectors) { blocks[first / kBlock] = std::move(vectors); });
  std::uint64_t entries = 0;
  for (const CsrMatrix& block : blocks)
    entries += block.view().nnz();
  CsrMatrix vectors(x_.cols + label_features_.cols);
  vectors.reserve(labels.size(), entries);
  for (CsrMatrix& block : blocks) {
    for (Row row = 0; row < block.rows(); ++row)
      vectors.append_row(block.view().row(row));
    block = CsrMatrix();
  }
  return vectors;
}

CsrMatrix embed_labels(CsrView x, CsrView y, CsrView label_features, const EmbeddingOptions& options,
                       Parallel& parallel) {
  const LabelEmbedding embedding(x, y, label_features, options, parallel);
  return embedding.vectors(embedding.mean());
}

}  // namespace xmr
