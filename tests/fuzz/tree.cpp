// A label tree, and its picture.
#include "xmr/index/label_tree.hpp"
#include "xmr/index/tree_statistics.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file;
  const xmr::LabelTree tree = xmr::read_tree(file.holding(with_right_checksums(bytes)));
  tree.fingerprint();
}
