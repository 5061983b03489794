#pragma once
// The part of a model that a search needs: a label tree and the chunk of each parent. The chunks may be in a file or in
// the memory of a running training. Thread rule: const methods from any thread.

#include "xmr/index/label_tree.hpp"
#include "xmr/model/chunk.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

class RankerTree {
 public:
  RankerTree() = default;
  virtual ~RankerTree() = default;

  virtual const LabelTree& tree() const = 0;
  // The weights of the children of a node of the level above (0 for level 0). If the chunk is damaged, throws
  // FormatError.
  virtual ChunkView chunk(std::size_t level, NodeId parent) const = 0;
  // The same for score_sections() with this query, which may read no other rows.
  virtual ChunkView chunk_for(std::size_t level, NodeId parent, SparseRow /*query*/) const {
    return chunk(level, parent);
  }

 protected:
  RankerTree(RankerTree&&) noexcept = default;
  RankerTree(const RankerTree&) = default;
  RankerTree& operator=(RankerTree&&) noexcept = default;
  RankerTree& operator=(const RankerTree&) = default;
};

}  // namespace xmr
