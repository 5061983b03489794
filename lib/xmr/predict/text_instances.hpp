#pragma once
// Lines of text as queries (query_reader.hpp), in blocks.
//
//   TextInstances instances(QueryReader(models, columns, InvalidUtf8::replace, threads), LineBlocks("queries.txt"),
//                           TextInstances::Block::as_read);
//
// Memory: the lines of a block. Errors: as LineBlocks and QueryReader; DataError for a file of arrays.

#include <deque>
#include <vector>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/predict/instances.hpp"
#include "xmr/predict/query_reader.hpp"

namespace xmr {

class TextInstances final : public Instances {
 public:
  enum class Block {
    as_read,      // the lines that LineBlocks gives at once
    single_line,  // one line
    whole_input   // all lines
  };

  TextInstances(QueryReader reader, LineBlocks input, Block block);

  const std::string& name() const { return input_.name(); }

  const FeatureSpaces& spaces() const override { return reader_.spaces(); }
  Row total() const override { return 0; }
  Row next_block() override;
  Query read(Row row, unsigned worker) override { return reader_.read(place(row), line(row).text, worker); }
  std::string describe(Row row) const override { return std::string(line(row).text); }
  std::string_view id(Row row) override;
  LinePlace place(Row row) const override { return {input_.name(), line(row).number}; }
  void report(Observer& observer) const override { odd_lines_.report(observer); }

 private:
  const Line& line(Row row) const { return lines_[first_ + row]; }
  bool read_lines();

  QueryReader reader_;
  OddLines odd_lines_;
  LineBlocks input_;
  Block block_;
  std::deque<LineBlock> texts_;  // hold the lines
  std::vector<Line> lines_;
  std::size_t first_ = 0, rows_ = 0;  // of the block in lines_
};

}  // namespace xmr
