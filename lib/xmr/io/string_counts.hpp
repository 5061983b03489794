#pragma once
// Counts the occurrences of strings, more strings than memory holds: a hash table that goes to a temporary file,
// sorted, whenever it is full, and a merge at the end (external sorting with early aggregation).
//
//   StringCounts counts;
//   counts.add("libc6");
//   counts.for_each([](std::string_view text, std::uint64_t count) { ... });   // by increasing bytes, each once
//
// Cost: a hash and a look-up a string, and sorting the distinct strings. Memory: `memory` bytes, and 64 KiB a run in
// the merge. Errors: IoError of the temporary file. Thread rule: one thread at a time per object.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/spool.hpp"

namespace xmr {

class StringCounts {
 public:
  static constexpr std::size_t kDefaultMemory = std::size_t{512} << 20;
  explicit StringCounts(std::size_t memory = kDefaultMemory) : memory_(memory) {}

  // A string of less than 4 GiB.
  void add(std::string_view text, std::uint64_t count = 1);
  // Ends counting: nothing can be added afterwards.
  void for_each(const std::function<void(std::string_view text, std::uint64_t count)>& use);

 private:
  struct Entry {
    std::uint64_t begin;  // in bytes_
    std::uint64_t count;
    std::uint32_t length;
    std::uint32_t hash;
  };
  std::string_view text(const Entry& entry) const { return std::string_view(bytes_).substr(entry.begin, entry.length); }
  std::size_t used() const;
  void grow();
  void sort();
  void write_run();
  void merge(const std::function<void(std::string_view text, std::uint64_t count)>& use);

  std::size_t memory_;
  std::string bytes_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;  // 0: empty, else 1 + the number of an entry
  std::vector<std::uint64_t> runs_;   // where each begins in spool_
  std::optional<Spool> spool_;
};

}  // namespace xmr
