#pragma once
// Candidates of held-out rows with their evidence and truth, and how well an order of them answers.
// Thread rule: const methods from any thread.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/boost/evidence_view.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/predict/retrieval_model.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

inline constexpr std::array<std::string_view, 3> kGuardMetrics = {"P@1", "R@10", "MRR@10"};
using RowMetrics = std::array<double, kGuardMetrics.size()>;

// A held-out row and its slice, 0..kSlices-1. Near-copies of a row are in the same slice.
struct HeldRow {
  Row row;
  std::uint8_t slice;
};
inline constexpr std::uint32_t kSlices = 5;

class HeldEvidence {
 public:
  // Appends the candidates of rows: texts and labels by row.
  void add(const RetrievalModel& model, const StringTable& texts, CsrView y, std::span<const HeldRow> rows,
           Parallel& parallel);
  void add(const HeldEvidence& other);

  // A bit for each slice that has rows.
  std::uint32_t slices() const;
  // Returns the rows of the slices with a bit in `slices`.
  HeldEvidence of_slices(std::uint32_t slices) const;

  // Returns the same rows with the `count` candidates of each that have the largest margins, ties in their order.
  HeldEvidence best(std::span<const double> margins, std::size_t count) const;

  std::size_t rows() const { return relevant_.size(); }
  // The mean number of labels that are right for a row.
  double mean_relevant() const;
  std::size_t candidates() const { return labels_.size(); }
  LabelledEvidence view() const;
  LabelledEvidence view(std::span<const double> starts) const;

  // Writes a file of kind "evidence" (docs/formats.md) and makes it appear.
  void write(NpzWriter out) const;

  // One number of each candidate, by the name of its piece of evidence.
  std::vector<double> column(std::string_view name) const;
  // Returns the metrics of each row for candidates ranked by `margins`, ties by label.
  std::vector<RowMetrics> judge(std::span<const double> margins) const;

 private:
  // Memory for this many more rows and candidates, and no more.
  void reserve(std::size_t rows, std::size_t candidates);

  std::vector<float> values_;
  std::vector<std::uint8_t> targets_;
  std::vector<LabelId> labels_;
  std::vector<std::uint64_t> queries_{0};
  std::vector<std::uint32_t> relevant_;  // by row, labels that are right, candidates or not
  std::vector<std::uint8_t> slice_;      // by row
};

// Means over rows.
RowMetrics mean_of(std::span<const RowMetrics> rows);

}  // namespace xmr
