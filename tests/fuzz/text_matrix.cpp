// XMC repository and svmlight text.
#include "xmr/sparse/text_matrix.hpp"

#include <algorithm>

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file;
  static xmr::Parallel parallel(1);
  const std::string& path = file.holding(bytes);
  xmr::TextInput how;
  how.dialect = {.first_feature = 1, .first_label = 1, .label_weights = true};
  how.skip_bad_rows = std::ranges::count(bytes, '\n') < kMaxThrown;
  either([&] { read_text_matrices(xmr::InputFile(path), how, parallel); },
         [&] { read_text_matrices(xmr::InputFile(path), {}, parallel); });
}
