#pragma once
// Text input in blocks of whole lines, for files of any size in bounded memory.
//
//   LineBlocks input(path);
//   for (LineBlock block; input.next(block);)
//     for (Line line : block) use(line.number, line.text);
//
// A block is at least one line and normally about block_bytes; one block can be parsed by one thread while the next is
// read. A line ends with LF, CRLF or the end of the file; its text carries none of them, nor a byte order mark at its
// start, which joined files have in their middle. Lines are counted from 1.
// Errors: IoError; FormatError for damaged packed text; DataError for a line longer than kMaxLine, for line ends of CR
// alone, and for input other than text (packing.hpp).

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/file.hpp"
#include "xmr/util/part_of.hpp"

namespace xmr {

class RowConverter;  // row_converter.hpp

// The mark that spreadsheets and editors of Windows put before UTF-8 text.
inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
// Text without the mark that it may begin with.
inline std::string_view without_mark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

inline constexpr std::size_t kMaxLine = std::size_t{1} << 30;

struct Line {
  std::uint64_t number;
  std::string_view text;
};

struct LineBlock {
  std::string text;              // whole lines, the last possibly without a final newline
  std::uint64_t first_line = 1;  // number of its first line
  // The number of each line where they were converted; else empty, and they follow each other.
  std::vector<std::uint64_t> numbers = {};

  class Iterator {
   public:
    using value_type = Line;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(std::string_view rest, std::uint64_t number) : rest_(rest), number_(number) { find_end(); }
    Iterator(std::string_view rest, const std::vector<std::uint64_t>& numbers)
        : rest_(rest), number_(numbers.empty() ? 1 : numbers.front()), numbers_(numbers) {
      find_end();
    }
    Line operator*() const;
    Iterator& operator++();
    bool operator==(std::default_sentinel_t) const { return rest_.empty(); }

   private:
    void find_end();
    std::string_view rest_;
    std::size_t length_ = 0;  // of the current line without LF
    std::uint64_t number_ = 1;
    std::span<const std::uint64_t> numbers_ = {};
  };
  Iterator begin() const { return numbers.empty() ? Iterator(text, first_line) : Iterator(text, numbers); }
  std::default_sentinel_t end() const { return {}; }
};

enum class Delivery {
  full_blocks,   // wait until a block is full: for batch work
  as_it_arrives  // deliver every complete line as soon as it is read: for interactive pipes
};

class LineBlocks {
 public:
  explicit LineBlocks(InputFile input, Delivery delivery = Delivery::full_blocks,
                      std::size_t block_bytes = std::size_t{1} << 20);
  // Opens the lines that begin in a part of the bytes of a regular file, numbered as in the whole file. Reads the bytes
  // before the part to count lines. DataError if the path is packed or not a regular file, unless the part is the
  // whole.
  LineBlocks(const std::string& path, const PartOf& part, std::size_t block_bytes = std::size_t{1} << 20);
  ~LineBlocks();
  LineBlocks(LineBlocks&&) noexcept;
  LineBlocks& operator=(LineBlocks&&) noexcept;

  // Returns the first bytes, for the choice of a converter; waits for one byte.
  std::string_view peek(std::size_t n) { return input_.peek(n); }
  // Sets the converter of the lines, before the first next(). Null: no conversion.
  void convert_by(std::unique_ptr<RowConverter> converter);
  // Fills `block` with the next lines; false at the end of the input.
  bool next(LineBlock& block);
  const std::string& name() const noexcept { return input_.name(); }
  std::uint64_t next_line() const noexcept { return next_line_; }  // the number of the next line

 private:
  void refuse_bare_returns(std::string_view text) const;
  bool next_text(LineBlock& block);

  InputFile input_;
  Delivery delivery_;
  std::size_t block_bytes_;
  std::unique_ptr<char[]> piece_;  // the last read
  std::string rest_;               // the start of a line whose end was not read yet
  std::uint64_t next_line_ = 1;
  bool ended_ = false;
  std::unique_ptr<RowConverter> converter_;
  std::string records_;  // its input
};

}  // namespace xmr
