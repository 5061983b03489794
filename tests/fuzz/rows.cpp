// CSV, JSON lines and fastText as rows of a corpus.
#include <string>

#include "xmr/io/lines.hpp"
#include "xmr/io/row_converter.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file;
  const std::string path = file.holding(bytes);
  const auto read = [&](xmr::RowFormat format, const char* columns) {
    xmr::LineBlocks lines(xmr::InputFile(path), xmr::Delivery::full_blocks, 64);
    lines.convert_by(make_row_converter("f", xmr::CorpusColumns(columns), format, lines.peek(4096)));
    std::uint64_t last = 0;
    for (xmr::LineBlock block; lines.next(block);)
      for (const xmr::Line line : block)
        last = line.number;
    return last;
  };
  either([&] { read(xmr::RowFormat::csv, "text=title,labels=tags"); },
         [&] {
           either([&] { read(xmr::RowFormat::json_lines, "text=title,labels=tags"); },
                  [&] { read(xmr::RowFormat::fasttext, "labels,text"); });
         });
}
