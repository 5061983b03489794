#pragma once
// The files of the parts of a job, for whoever puts them together and wants each of them once.
// Thread rule: one thread.

#include <cstdint>
#include <string>
#include <vector>

namespace xmr {

// The parts of a plan, or of the first stages of it, if it is one with stages.
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
