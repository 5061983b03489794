#include "xmr/io/text_statistics.hpp"

#include <algorithm>
#include <utility>

#include "xmr/io/lines.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {

TextStatistics text_statistics(InputFile input) {
  TextStatistics found;
  LineBlocks blocks(std::move(input));
  for (LineBlock block; blocks.next(block);) {
    found.bytes += block.text.size();
    for (const Line line : block) {
      const auto columns = static_cast<std::uint64_t>(std::ranges::count(line.text, '\t')) + 1;
      found.least_columns = found.lines == 0 ? columns : std::min(found.least_columns, columns);
      found.most_columns = std::max(found.most_columns, columns);
      found.longest_line = std::max<std::uint64_t>(found.longest_line, line.text.size());
      found.empty_lines += line.text.empty() ? 1 : 0;
      found.ill_formed_lines += find_invalid_utf8(line.text) == std::string_view::npos ? 0 : 1;
      ++found.lines;
    }
  }
  return found;
}

}  // namespace xmr
