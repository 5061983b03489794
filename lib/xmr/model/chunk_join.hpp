#pragma once
// One chunk from several of the same parent, of which each has the weights and biases of some children and nothing for
// the others: what several processes made of a parent that is large; and the way back. The bytes are those of the chunk
// that one process would have made. Memory: the chunk,
// what its builder holds (chunk_builder.hpp), and 24 bytes a row of each chunk. Errors: those of read_rows().
// Thread rule: pure functions.

#include <cstdint>
#include <span>
#include <string>

#include "xmr/model/chunk.hpp"

namespace xmr {

// `chunks` are of as many children and of one type; at least one. `features`: of the model. `place`: for messages.
std::string join_chunks(std::span<const ChunkView> chunks, std::uint64_t features, const std::string& place);

// What `chunk` has of some of its children, which increase.
std::string part_of_chunk(const ChunkView& chunk, std::span<const std::uint32_t> children, std::uint64_t features,
                          const std::string& place);

}  // namespace xmr
