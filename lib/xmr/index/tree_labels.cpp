#include "xmr/index/tree_labels.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kBlockLabels = 1024;
// NpzFile compares smaller members with their CRC-32 when it opens them.
constexpr std::uint64_t kFewLabels = std::uint64_t{1} << 18;

std::uint64_t blocks_of(std::uint64_t labels) {
  return (labels + kBlockLabels - 1) / kBlockLabels;
}

// The number of the block is the seed: blocks cannot change places.
std::uint64_t sum_of_block(std::span<const LabelId> labels, std::uint64_t block) {
  const std::uint64_t begin = block * kBlockLabels;
  return hash64(labels.subspan(begin, std::min<std::uint64_t>(kBlockLabels, labels.size() - begin)), block);
}

}  // namespace

struct TreeLabels::Stored {
  std::shared_ptr<const NpzFile> file;
  std::string prefix;
  std::uint64_t label_count = 0;
  std::span<const std::uint64_t> sums;
  std::unique_ptr<std::atomic<bool>[]> is_checked;  // by block
  std::atomic<bool> are_all_checked = false;

  [[noreturn]] void fail(const std::string& what) const {
    throw FormatError(file->name(), fmt::format("member {}labels: {}", prefix, what));
  }
};

TreeLabels::TreeLabels(std::vector<LabelId> labels)
    : owned_(std::make_shared<const std::vector<LabelId>>(std::move(labels))) {
  labels_ = *owned_;
}

TreeLabels::TreeLabels(std::shared_ptr<const NpzFile> file, const std::string& prefix, std::uint64_t label_count)
    : labels_(file->array<LabelId>(prefix + "labels")), stored_(std::make_shared<Stored>()) {
  Stored& stored = *stored_;
  stored.file = std::move(file);
  stored.prefix = prefix;
  stored.label_count = label_count;
  stored.sums = stored.file->array<std::uint64_t>(prefix + "sums");
  const std::uint64_t blocks = blocks_of(labels_.size());
  if (stored.sums.size() != blocks)
    stored.fail(fmt::format("{} checksums, {} labels need {}", stored.sums.size(), labels_.size(), blocks));
  stored.is_checked = std::make_unique<std::atomic<bool>[]>(blocks);
}

bool TreeLabels::has_sums(const NpzFile& file, const std::string& prefix) {
  return file.has(prefix + "sums");
}

void TreeLabels::check(NodeId first, NodeId last) const {
  if (stored_ == nullptr || first >= last) return;
  const Stored& stored = *stored_;
  for (std::uint64_t block = first / kBlockLabels; block * kBlockLabels < last; ++block) {
    // Several threads may check the same block at once: each finds the same.
    if (stored.is_checked[block].load(std::memory_order_relaxed)) continue;
    const std::uint64_t begin = block * kBlockLabels;
    const std::uint64_t end = std::min<std::uint64_t>(begin + kBlockLabels, labels_.size());
    if (sum_of_block(labels_, block) != stored.sums[block])
      stored.fail(fmt::format("places {}..{}: checksum does not match: the file is damaged", begin, end - 1));
    for (std::uint64_t place = begin; place < end; ++place)
      if (labels_[place] >= stored.label_count)
        stored.fail(
            fmt::format("label {} at position {} is outside 0..{}", labels_[place], place, stored.label_count - 1));
    stored.is_checked[block].store(true, std::memory_order_relaxed);
  }
}

std::span<const LabelId> TreeLabels::all() const {
  if (stored_ != nullptr && !stored_->are_all_checked.load(std::memory_order_acquire)) {
    check(0, static_cast<NodeId>(labels_.size()));
    if (const std::string fault = find_labels_fault(labels_, stored_->label_count); !fault.empty())
      stored_->fail(fault);
    stored_->are_all_checked.store(true, std::memory_order_release);
  }
  return labels_;
}

void TreeLabels::write(NpzWriter& out, const std::string& prefix) const {
  const std::span<const LabelId> labels = all();
  out.add(prefix + "labels", labels);
  if (labels.size() < kFewLabels) return;
  std::vector<std::uint64_t> sums;
  for (std::uint64_t block = 0; block < blocks_of(labels.size()); ++block)
    sums.push_back(sum_of_block(labels, block));
  out.add(prefix + "sums", sums);
}

std::string find_count_fault(std::uint64_t placed, std::uint64_t nodes, std::uint64_t label_count) {
  if (placed != nodes) return fmt::format("{} labels, but the last level has {} nodes", placed, nodes);
  if (label_count < placed || label_count > std::max(placed, kMaxUnplacedLabels))
    return fmt::format("{} of them have a place, which {} labels cannot have", placed, label_count);
  return {};
}

std::string find_labels_fault(std::span<const LabelId> labels, std::uint64_t label_count) {
  std::vector<bool> seen(label_count);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= label_count) {
      return fmt::format("label {} at position {} is outside 0..{}", labels[i], i, label_count - 1);
    }
    if (seen[labels[i]]) return fmt::format("label {} at position {} is there twice", labels[i], i);
    seen[labels[i]] = true;
  }
  return {};
}

}  // namespace xmr
