#pragma once
// Some of the labels of a model, named in a file: one a line, by the key (what follows a TAB is not read, so that lines
// of labels.txt will do), or by the id where labels have no names.
//
//   const LabelSet set = read_label_set("stock.txt", &names, names.size());
//
// A key that the model does not know is counted and left out: catalogues change faster than models. Repeated ones count
// once. Errors: IoError; DataError with the line for an empty key or a bad id, DataError if no label is known.

#include <cstdint>
#include <string>
#include <vector>

#include "xmr/io/names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

struct LabelSet {
  std::vector<bool> has;           // by label
  std::uint64_t size = 0;          // labels in it
  std::uint64_t unknown = 0;       // lines whose key no label has
  std::string first_unknown = {};  // "stock.txt:17: 'echo'"
};

// `names` is null where labels are given by id.
LabelSet read_label_set(const std::string& path, const LabelNames* names, std::uint64_t labels);

}  // namespace xmr
