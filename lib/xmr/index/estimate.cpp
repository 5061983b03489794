#include "xmr/index/estimate.hpp"

#include <algorithm>
#include <bit>
#include <vector>

namespace xmr {
namespace {

// Nanoseconds on two processors of a Xeon, for an entry added to a label vector and for one visited by a split.
constexpr double kNanosecondsOfSum = 6;
constexpr double kNanosecondsOfVisit = 2.5;
// Number of visits of all entries by the splits of a level.
constexpr double kVisits = 10;
constexpr std::uint64_t kProgram = std::uint64_t{8} << 20;
// Bytes of an entry of a label vector before entries are selected.
constexpr std::uint64_t kBytesOfSum = 24;
// Labels of the largest node of the first level, in mean sizes.
constexpr double kLargestNode = 3;

}  // namespace

IndexEstimate estimate_indexing(CsrView x, CsrView y, CsrView label_features, const IndexedForm& form,
                                unsigned threads) {
  IndexEstimate estimate{.memory_bytes = kProgram + 8 * (x.nnz() + x.rows + y.nnz() + y.rows),
                         .tree_bytes = 4 * y.cols + 8 * form.clusters};
  if (!form.with_clusters) return estimate;
  std::vector<std::uint64_t> entries(y.cols);
  for (Row row = 0; row < y.rows; ++row)
    for (const LabelId label : y.row(row).indices)
      entries[label] += x.row(row).size();
  const std::uint64_t features = x.cols + label_features.cols;
  std::uint64_t sums = 0, kept = 0, largest = 0;
  for (LabelId label = 0; label < y.cols; ++label) {
    if (label_features.rows > 0) entries[label] += label_features.row(label).size();
    sums += entries[label];
    largest = std::max(largest, std::min(entries[label], features));
    kept +=
        std::min({entries[label], features, form.embedding_size == 0 ? features : std::uint64_t{form.embedding_size}});
  }
  const std::uint64_t summing = 8 * y.nnz() + 16 * features + threads * (4 * features + kBytesOfSum * largest);
  const double share = form.sample == 0 ? 1 : static_cast<double>(form.sample) / static_cast<double>(y.cols);
  if (form.sample == 0) {
    const std::uint64_t clustering = threads * (kept + 8 * features) + 28 * std::min(features, kept);
    estimate.memory_bytes += 16 * kept + 12 * y.cols + std::max(summing, clustering);
  } else {
    const auto part = [&](double of_all) { return static_cast<std::uint64_t>(of_all * static_cast<double>(kept)); };
    const std::uint64_t in_sample = part(share),
                        in_node = part(std::min(1.0, kLargestNode / static_cast<double>(form.root_children)));
    const std::uint64_t top = 16 * in_sample + 64 * std::min(features, in_sample) * ((form.root_children + 15) / 16);
    const std::uint64_t below = 16 * in_node + 64 * std::min(features, in_node);
    estimate.memory_bytes += summing + 20 * y.cols + std::max(top, below);
  }
  // With a sample, all vectors are made twice, and the vectors of a sample in each round.
  const double makes = form.sample == 0 ? 1 : 2 + share * form.rounds;
  const auto levels = static_cast<double>(std::bit_width(form.clusters));
  estimate.seconds = (kNanosecondsOfSum * static_cast<double>(sums) * makes +
                      kNanosecondsOfVisit * kVisits * static_cast<double>(kept) * levels) /
                     1e9 / threads;
  return estimate;
}

}  // namespace xmr
