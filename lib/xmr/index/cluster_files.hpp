#pragma once
// Anybody's own clusters of labels as the levels of a chain (cluster_chain.hpp), from the top to the labels:
//
//   std::vector<ChainLevel> chain = read_clusters({"clusters.npz"}, nullptr);
//   add_upper_levels(chain, 16);
//   const LabelTree tree = tree_of_chain(chain, Unplaced::refuse).tree;
//
// - a folder of PECOS's: config.json with {"len": D}, C0.npz to C<D-1>.npz;
// - one or more matrices, each the nodes of a level × those of the level above; the last one has a row a label;
// - text, `key<TAB>path` a line as xmr-inspect convert writes trees: the path names the clusters from the first level
// down,
//   parted by "/". Clusters are told apart by the whole path to them and keep the order of the file.
// Errors: IoError, FormatError; DataError with file and line, or with the label: for one that is in no cluster, or in
// two.

#include <cstdint>
#include <string>
#include <vector>

#include "xmr/index/cluster_chain.hpp"
#include "xmr/io/names.hpp"

namespace xmr {

// Keys of a text are those of `names`; null: ids, 0 to the number of lines - 1.
std::vector<ChainLevel> read_clusters(const std::vector<std::string>& paths, const LabelNames* names);

// Puts levels on a chain that does not begin at the root: `branching` consecutive nodes each get a parent, and these,
// until there are at most `branching`, which hang on the root. Returns how many levels were added, the one below the
// root included. ConfigError for branching below 2.
std::size_t add_upper_levels(std::vector<ChainLevel>& chain, std::uint32_t branching);

}  // namespace xmr
