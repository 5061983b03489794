#pragma once
// A part of a text file of one instance a line (a corpus, a list of labels).

#include <cstdint>

#include "xmr/io/file.hpp"
#include "xmr/util/selection.hpp"

namespace xmr {

// Writes the selected lines to `selected` and the others to `others` (may be null), each ended by LF; lines are
// numbered from 0 here. Returns the number of lines. DataError if one that is named is not there. One pass, 2 MiB of
// memory; the outputs are not committed. Thread rule: the files belong to the caller for the time of the call.
std::uint64_t slice_lines(InputFile input, const Selection& lines, OutputFile& selected, OutputFile* others);

}  // namespace xmr
