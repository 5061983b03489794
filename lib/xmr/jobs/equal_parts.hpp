#pragma once
// What all plans have in common: pieces of work are cut into parts of about equal cost, and whoever puts parts together
// wants each of them once.
//
// Thread rule: pure functions; a PartList belongs to one thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace xmr {

// Where the parts begin among the pieces, and their end: parts+1 numbers. parts ≥ 1.
std::vector<std::uint64_t> cut_evenly(std::span<const std::uint64_t> costs, std::uint32_t parts);

// The files of the parts of a plan; of the first stages of it, if it is one with stages.
class PartList {
 public:
  explicit PartList(std::uint32_t parts) : PartList(parts, 1, false) {}
  PartList(std::uint32_t parts, std::uint32_t stages, bool names_stages)
      : parts_(parts), stages_(stages), names_stages_(names_stages), paths_(std::size_t{parts} * stages) {}

  // FormatError for a number that the plan has not, DataError for a part that is there already. stage < stages.
  void add(const std::string& path, std::uint32_t part, std::uint32_t stage = 0);
  // DataError with the numbers of those that are missing.
  void require_all(const std::string& plan) const;

 private:
  std::uint32_t parts_, stages_;
  bool names_stages_;
  std::vector<std::string> paths_;
};

}  // namespace xmr
