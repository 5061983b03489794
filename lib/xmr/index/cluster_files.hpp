#pragma once
// Reads foreign clusters of labels as the levels of a chain (cluster_chain.hpp), from the top to the labels:
//
//   std::vector<ChainLevel> chain = read_clusters({"clusters.npz"}, nullptr);
//   add_upper_levels(chain, 16);
//   const LabelTree tree = tree_of_chain(chain, Unplaced::refuse).tree;
//
// Forms:
//
//   - a folder of PECOS: config.json with {"len": D}, C0.npz to C<D-1>.npz
//   - matrices, nodes of a level × nodes of the level above; the last one has a row a label
//   - text, `key<TAB>path` a line, as xmr-inspect convert writes it; "/" separates the clusters of a path
//
// In text, equal paths name one cluster, and clusters keep the order of the file. Errors: IoError, FormatError;
// DataError with file and line, or with a label that is in no cluster or in two.

#include <cstdint>
#include <string>
#include <vector>

#include "xmr/index/cluster_chain.hpp"
#include "xmr/io/names.hpp"

namespace xmr {

// The keys in a text are from `names`; if it is null, they are ids from 0 to the number of lines - 1.
std::vector<ChainLevel> read_clusters(const std::vector<std::string>& paths, const LabelNames* names);

// Adds levels above a chain: each `branching` consecutive nodes get a parent, until at most `branching` nodes are left
// below the root. Returns the number of added levels, including the one below the root. If branching is below 2, throws
// ConfigError.
std::size_t add_upper_levels(std::vector<ChainLevel>& chain, std::uint32_t branching);

}  // namespace xmr
