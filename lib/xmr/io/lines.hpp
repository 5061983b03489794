#pragma once
// Text input in blocks of whole lines, for files of any size in bounded memory.
//
//   LineBlocks input(path);
//   for (LineBlock block; input.next(block);)
//     for (Line line : block) use(line.number, line.text);
//
// A block is at least one line and normally about block_bytes; one block can be parsed by one thread while the next is
// read. A line ends with LF, CRLF or the end of the file; its text carries none of them, nor the byte order mark that a
// file may begin with. Lines are counted from 1.
// Errors: IoError; DataError for a line longer than kMaxLine, and for UTF-16.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "xmr/io/file.hpp"
#include "xmr/util/part_of.hpp"

namespace xmr {

inline constexpr std::size_t kMaxLine = std::size_t{1} << 30;

struct Line {
  std::uint64_t number;
  std::string_view text;
};

struct LineBlock {
  std::string text;              // whole lines, the last possibly without a final newline
  std::uint64_t first_line = 1;  // number of its first line

  class Iterator {
   public:
    using value_type = Line;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(std::string_view rest, std::uint64_t number) : rest_(rest), number_(number) { find_end(); }
    Line operator*() const;
    Iterator& operator++();
    bool operator==(std::default_sentinel_t) const { return rest_.empty(); }

   private:
    void find_end();
    std::string_view rest_;
    std::size_t length_ = 0;  // of the current line without LF
    std::uint64_t number_ = 1;
  };
  Iterator begin() const { return {text, first_line}; }
  std::default_sentinel_t end() const { return {}; }
};

enum class Delivery {
  full_blocks,   // wait until a block is full: for batch work
  as_it_arrives  // give out every complete line as soon as it was read: for pipes that somebody waits on
};

class LineBlocks {
 public:
  explicit LineBlocks(InputFile input, Delivery delivery = Delivery::full_blocks,
                      std::size_t block_bytes = std::size_t{1} << 20);
  // The lines that begin in a part of the bytes of a regular file, numbered as in the whole file. Reads what is before
  // them, to count its lines. DataError for a file of arrays, and for what is no regular file unless it is the whole.
  LineBlocks(const std::string& path, const PartOf& part, std::size_t block_bytes = std::size_t{1} << 20);
  // Fills `block` with the next lines; false at the end of the input.
  bool next(LineBlock& block);
  const std::string& name() const noexcept { return input_.name(); }
  std::uint64_t next_line() const noexcept { return next_line_; }  // the number that it will have

 private:
  InputFile input_;
  Delivery delivery_;
  std::size_t block_bytes_;
  std::unique_ptr<char[]> piece_;  // what was read last
  std::string rest_;               // the start of a line whose end was not read yet
  std::uint64_t next_line_ = 1;
  bool ended_ = false;
};

}  // namespace xmr
