#pragma once
// What every reader of a corpus shares: which files, which columns, what happens to bad rows, and the counts.
// Thread rule: a RowReader belongs to one thread, CorpusTotals to the thread that takes blocks in order.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/corpus.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/observer.hpp"

namespace xmr {

struct CorpusInput {
  std::vector<std::string> paths;  // one after another; "-" is stdin
  CorpusColumns columns{"labels,text"};
  InvalidUtf8 invalid_utf8 = InvalidUtf8::replace;
  bool skip_bad_rows = false;  // leave out rows that cannot be read, and warn how many they were
  PartOf part = {};            // of each file
};

struct CorpusCounts {
  std::uint64_t rows = 0, skipped_rows = 0, bytes = 0;
};

// Opens a corpus, or a part of it, for reading in blocks; DataError for a file of arrays.
LineBlocks open_corpus(const std::string& path, const PartOf& part = {});

// Cuts a line into the columns that are wanted, in their order.
class RowReader {
 public:
  // ConfigError if a wanted column is not named.
  RowReader(CorpusColumns columns, InvalidUtf8 invalid_utf8, const std::vector<std::string>& wanted);

  // Valid until the next call and as long as the line. DataError for a wrong number of columns or refused bytes.
  std::span<const std::string_view> read(LinePlace place, std::string_view line);

 private:
  CorpusColumns columns_;
  bool refuse_;
  std::vector<std::size_t> positions_;
  std::vector<std::string_view> fields_, wanted_;
};

// How many rows of a block were read, and how many not.
struct BlockCounts {
  std::uint64_t rows = 0, bad_rows = 0, bytes = 0;
  std::string first_bad_row;
};

// For each line of a block: read(place, line), which throws DataError for a bad row, then use().
template <class Read, class Use>
void read_rows(const LineBlock& block, const std::string& file, bool skip_bad_rows, BlockCounts& counts, Read&& read,
               Use&& use) {
  counts = {0, 0, block.text.size(), {}};
  for (const Line line : block) {
    try {
      read(LinePlace{file, line.number}, line.text);
    } catch (const DataError& error) {
      if (!skip_bad_rows) throw;
      if (counts.bad_rows++ == 0) counts.first_bad_row = error.what();
      continue;
    }
    use();
    ++counts.rows;
  }
}

// Sums over blocks, and what is said of them.
class CorpusTotals {
 public:
  explicit CorpusTotals(Observer& observer) : observer_(observer) {}

  void add(const BlockCounts& counts);
  // Warns of rows that were left out. DataError if no row was read, unless it is a part.
  CorpusCounts finish(const CorpusInput& input) const;

 private:
  Observer& observer_;
  CorpusCounts counts_;
  std::string first_bad_row_;
};

}  // namespace xmr
