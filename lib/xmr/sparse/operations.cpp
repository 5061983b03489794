#include "xmr/sparse/operations.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "xmr/sparse/changed_rows.hpp"
#include "xmr/sparse/row_sums.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

CsrMatrix identity(std::uint64_t size) {
  CsrMatrix result(size);
  result.reserve(size, size);
  for (std::uint64_t i = 0; i < size; ++i) {
    result.push(static_cast<std::uint32_t>(i), 1.0F);
    result.end_row();
  }
  return result;
}

CsrMatrix transpose(CsrView a) {
  std::vector<Offset> indptr(a.cols + 1, 0);
  for (const std::uint32_t column : a.indices)
    ++indptr[column + 1];
  for (std::uint64_t c = 0; c < a.cols; ++c)
    indptr[c + 1] += indptr[c];
  std::vector<std::uint32_t> indices(a.nnz());
  std::vector<float> values(a.nnz());
  std::vector<Offset> next(indptr.begin(), indptr.end() - 1);
  for (Row r = 0; r < a.rows; ++r) {
    const SparseRow row = a.row(r);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Offset at = next[row.indices[i]]++;
      indices[at] = static_cast<std::uint32_t>(r);
      values[at] = row.values[i];
    }
  }
  return {a.rows, std::move(indptr), std::move(indices), std::move(values)};
}

namespace {

double norm_of(std::span<const float> values, Norm norm) {
  double sum = 0;
  for (const float value : values) {
    const double v = std::fabs(static_cast<double>(value));
    switch (norm) {
      case Norm::none:
        return 1;
      case Norm::l1:
        sum += v;
        break;
      case Norm::l2:
        sum += v * v;
        break;
      case Norm::max:
        sum = std::max(sum, v);
        break;
    }
  }
  return norm == Norm::l2 ? std::sqrt(sum) : sum;
}

}  // namespace

void normalize(std::span<float> values, Norm norm) {
  if (norm == Norm::none) return;
  const double length = norm_of(values, norm);
  if (length == 0) return;
  for (float& value : values)
    value = static_cast<float>(static_cast<double>(value) / length);
}

CsrMatrix normalize_rows(CsrView a, Norm norm) {
  return changed_rows(a, [norm](Row, std::span<float> values) { normalize(values, norm); });
}

CsrMatrix select_rows(CsrView a, std::span<const Row> rows) {
  CsrMatrix out(a.cols);
  std::uint64_t nnz = 0;
  for (const Row r : rows)
    nnz += a.row(r).size();
  out.reserve(rows.size(), nnz);
  for (const Row r : rows)
    out.append_row(a.row(r));
  return out;
}

CsrMatrix pad_rows(CsrView a, std::uint64_t rows) {
  std::vector<Offset> indptr(a.indptr.begin(), a.indptr.end());
  indptr.resize(rows + 1, a.nnz());
  return {a.cols, std::move(indptr), {a.indices.begin(), a.indices.end()}, {a.values.begin(), a.values.end()}};
}

CsrMatrix hstack(std::span<const CsrView> parts) {
  CsrMatrix out;
  if (parts.empty()) return out;
  std::uint64_t cols = 0, nnz = 0;
  for (const CsrView& part : parts) {
    if (part.rows != parts[0].rows)
      throw DataError(fmt::format("matrices side by side have {} and {} rows", parts[0].rows, part.rows));
    cols += part.cols;
    nnz += part.nnz();
  }
  if (cols > kMaxColumns)
    throw DataError(fmt::format("matrices side by side have {} columns, at most 2^31 are allowed", cols));
  out.set_cols(cols);
  out.reserve(parts[0].rows, nnz);
  for (Row r = 0; r < parts[0].rows; ++r) {
    std::uint64_t first = 0;
    for (const CsrView& part : parts) {
      const SparseRow row = part.row(r);
      for (std::size_t i = 0; i < row.size(); ++i)
        out.push(static_cast<std::uint32_t>(first + row.indices[i]), row.values[i]);
      first += part.cols;
    }
    out.end_row();
  }
  return out;
}

CsrMatrix vstack(std::span<const CsrView> parts) {
  CsrMatrix out;
  if (parts.empty()) return out;
  std::uint64_t rows = 0, nnz = 0;
  for (const CsrView& part : parts) {
    if (part.cols != parts[0].cols)
      throw DataError(fmt::format("matrices one below the other have {} and {} columns", parts[0].cols, part.cols));
    rows += part.rows;
    nnz += part.nnz();
  }
  out.set_cols(parts[0].cols);
  out.reserve(rows, nnz);
  for (const CsrView& part : parts)
    for (Row r = 0; r < part.rows; ++r)
      out.append_row(part.row(r));
  return out;
}

CsrMatrix multiply(CsrView a, CsrView b, Parallel& parallel) {
  if (a.cols != b.rows)
    throw DataError(fmt::format("matrices of {} columns and {} rows cannot be multiplied", a.cols, b.rows));
  constexpr std::size_t kBlock = 256;  // rows of a step
  struct Worker {
    std::vector<float> sum;  // dense accumulator, 0 between rows
    std::vector<std::uint8_t> touched;
    std::vector<std::uint32_t> columns;
  };
  std::vector<Worker> workers(parallel.threads());
  std::vector<CsrMatrix> pieces((a.rows + kBlock - 1) / kBlock, CsrMatrix(b.cols));
  parallel.for_blocks(a.rows, kBlock, [&](std::size_t begin, std::size_t end, unsigned worker) {
    Worker& w = workers[worker];
    w.sum.resize(b.cols, 0.0F);
    w.touched.resize(b.cols, 0);
    CsrMatrix& piece = pieces[begin / kBlock];
    for (Row r = begin; r < end; ++r) {
      const SparseRow row = a.row(r);
      for (std::size_t i = 0; i < row.size(); ++i) {
        const SparseRow other = b.row(row.indices[i]);
        for (std::size_t j = 0; j < other.size(); ++j) {
          const std::uint32_t c = other.indices[j];
          if (w.touched[c] == 0) {
            w.touched[c] = 1;
            w.columns.push_back(c);
          }
          w.sum[c] += row.values[i] * other.values[j];
        }
      }
      std::sort(w.columns.begin(), w.columns.end());
      for (const std::uint32_t c : w.columns) {
        if (w.sum[c] != 0.0F) piece.push(c, w.sum[c]);
        w.sum[c] = 0.0F;
        w.touched[c] = 0;
      }
      w.columns.clear();
      piece.end_row();
    }
  });
  const std::vector<CsrView> views(pieces.begin(), pieces.end());
  CsrMatrix product = vstack(views);
  product.set_cols(b.cols);
  return product;
}

std::string fingerprint(CsrView a) {
  return fingerprint(a, row_sums(a));
}

std::string fingerprint(CsrView a, std::span<const std::uint64_t> sums) {
  return Fingerprint().add(a.rows).add(a.cols).add(sums).hex();
}

}  // namespace xmr
