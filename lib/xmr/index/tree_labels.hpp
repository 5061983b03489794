#pragma once
// The labels at the places of a tree, that is, at the nodes of its last level: in memory, or in a mapped file.
//
// From 2^18 labels on a file has a checksum of each 1,024 of them, so that opening it reads none: a search checks the
// blocks of the places that it visits.
//
//   const TreeLabels labels(file, "tree/", label_count);
//   labels.check(first, last);  labels[first]
//
// Thread rule: const methods from any thread. Copies share the labels.

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class TreeLabels {
 public:
  TreeLabels() = default;
  // Labels in memory, not checked.
  explicit TreeLabels(std::vector<LabelId> labels);
  // Labels of the member `prefix`labels, with checksums in `prefix`sums. FormatError unless there is a checksum a
  // block.
  TreeLabels(std::shared_ptr<const NpzFile> file, const std::string& prefix, std::uint64_t label_count);
  // True if the file has checksums of the labels.
  static bool has_sums(const NpzFile& file, const std::string& prefix);

  std::size_t size() const { return labels_.size(); }
  // The label at a place that was checked.
  LabelId operator[](NodeId place) const { return labels_[place]; }
  // Checks the blocks of the places first..last-1: FormatError unless the checksums are right and the labels are below
  // label_count. Costs nothing for labels in memory and for blocks that were checked before.
  void check(NodeId first, NodeId last) const;
  // All labels. The first call checks all blocks, and that no label is there twice.
  std::span<const LabelId> all() const;

  void write(NpzWriter& out, const std::string& prefix) const;

 private:
  struct Stored;

  std::span<const LabelId> labels_;
  std::shared_ptr<const std::vector<LabelId>> owned_;  // in memory
  std::shared_ptr<Stored> stored_;                     // in a file
};

// More labels than this have a place each: no byte of a file vouches for the others, and one bit of each is looked at.
inline constexpr std::uint64_t kMaxUnplacedLabels = std::uint64_t{1} << 28;

// Returns the fault of `placed` labels in a tree with `nodes` places, or of the labels themselves; empty if valid.
std::string find_count_fault(std::uint64_t placed, std::uint64_t nodes, std::uint64_t label_count);
std::string find_labels_fault(std::span<const LabelId> labels, std::uint64_t label_count);

}  // namespace xmr
