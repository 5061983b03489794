#pragma once
// Options and counts shared by all readers of a corpus: files, columns, treatment of bad rows.
// Thread rule: a RowReader belongs to one thread, CorpusTotals to the thread that takes blocks in order.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/corpus.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/io/row_converter.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/observer.hpp"

namespace xmr {

struct CorpusInput {
  std::vector<std::string> paths;  // one after another; "-" is stdin
  CorpusColumns columns{"labels,text"};
  InvalidUtf8 invalid_utf8 = InvalidUtf8::replace;
  bool skip_bad_rows = false;  // leave out unreadable rows, and warn of their number
  PartOf part = {};            // of each file
  RowFormat format = RowFormat::automatic;

  // True for lines of TSV without a header.
  bool is_plain() const {
    return columns.sources().empty() && (format == RowFormat::automatic || format == RowFormat::tsv);
  }
};

struct CorpusCounts {
  std::uint64_t rows = 0, skipped_rows = 0, bytes = 0;
};

// Opens a corpus, or a part of it, for reading in blocks of lines of TSV; DataError for a file of arrays.
LineBlocks open_corpus(const std::string& path, const PartOf& part = {});
// Opens one of the paths of `input`. ConfigError for a part of a corpus that is not TSV without a header.
LineBlocks open_corpus(const CorpusInput& input, const std::string& path);

// Cuts a line into the columns that are wanted, in their order.
class RowReader {
 public:
  // ConfigError if a wanted column is not named.
  RowReader(CorpusColumns columns, InvalidUtf8 invalid_utf8, const std::vector<std::string>& wanted);

  // Valid until the next call and as long as the line. DataError for a wrong number of columns or refused bytes.
  std::span<const std::string_view> read(LinePlace place, std::string_view line);

 private:
  void refuse_header(LinePlace place) const;

  CorpusColumns columns_;
  bool refuse_;
  std::vector<std::size_t> positions_;
  std::vector<std::string_view> fields_, wanted_;
};

// The command that reads a corpus without its first line.
std::string header_hint(std::string_view file);

// Lines that are not UTF-8, or hold a NUL, and the first of them.
struct OddLines {
  std::uint64_t not_utf8 = 0, with_nul = 0;
  std::string first_not_utf8, first_with_nul;

  // Looks at the lines of a block.
  void find(const LineBlock& block, const std::string& file);
  void add(const OddLines& later);
  // Warns of them.
  void report(Observer& observer) const;
};

// The numbers of read and bad rows of a block.
struct BlockCounts {
  std::uint64_t rows = 0, bad_rows = 0, bytes = 0;
  std::string first_bad_row;
  OddLines odd_lines;
};

// Calls read(place, line), then use() for each line of a block. read() throws DataError for a bad row.
template <class Read, class Use>
void read_rows(const LineBlock& block, const std::string& file, bool skip_bad_rows, BlockCounts& counts, Read&& read,
               Use&& use) {
  counts = {0, 0, block.text.size(), {}, {}};
  counts.odd_lines.find(block, file);
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

// Sums the counts of blocks and reports them.
class CorpusTotals {
 public:
  explicit CorpusTotals(Observer& observer) : observer_(observer) {}

  void add(const BlockCounts& counts);
  // Warns of rows that were left out and of lines that are not UTF-8. DataError if no row was read, unless it is a
  // part.
  CorpusCounts finish(const CorpusInput& input) const;

 private:
  Observer& observer_;
  CorpusCounts counts_;
  std::string first_bad_row_;
  OddLines odd_lines_;
};

}  // namespace xmr
