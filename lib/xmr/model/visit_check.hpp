#pragma once
// Checks the part of a chunk that one visit reads: the rows of a query's features and the lines of the tables that say
// where they are. A large chunk that few queries visit is so never read whole.
//
//   const char* fault = find_visit_fault(chunk, query, [&](const void* at, std::size_t bytes) { ... });
//
// Thread rule: pure function, if `touch` is.

#include <cstddef>
#include <functional>

#include "xmr/model/chunk.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

// Is told of bytes before they are read.
using Touch = std::function<void(const void* at, std::size_t bytes)>;

// Calls touch(bytes that the visit reads) before it reads them; an exception of `touch` passes through. The chunk comes
// from ChunkView::open_head(). Returns nullptr if score_sections() stays inside the chunk for this query, else the
// fault. Cost: about that of the visit.
const char* find_visit_fault(const ChunkView& chunk, SparseRow query, const Touch& touch);

}  // namespace xmr
