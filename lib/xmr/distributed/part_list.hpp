#pragma once
// The list of the part files of a plan. A merge checks that each part is given once. Thread rule: one thread.

#include <cstdint>
#include <string>
#include <vector>

namespace xmr {

// The parts of a plan, or of the first stages of a plan with stages.
class PartList {
 public:
  explicit PartList(std::uint32_t parts) : PartList(parts, 1, false) {}
  PartList(std::uint32_t parts, std::uint32_t stages, bool names_stages)
      : parts_(parts), stages_(stages), names_stages_(names_stages), paths_(std::size_t{parts} * stages) {}

  // Adds a file. If the plan has no such part, throws FormatError. If the part is given twice, throws DataError.
  // stage < stages.
  void add(const std::string& path, std::uint32_t part, std::uint32_t stage = 0);
  // If parts are missing, throws DataError with their numbers.
  void require_all(const std::string& plan) const;

 private:
  std::uint32_t parts_, stages_;
  bool names_stages_;
  std::vector<std::string> paths_;
};

}  // namespace xmr
