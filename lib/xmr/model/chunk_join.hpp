#pragma once
// Joins several chunks of the same parent, each with the weights and biases of some children, into one; and cuts a
// chunk. The joined chunk has the bytes that one process would have written. Memory: the chunk, its builder
// (chunk_builder.hpp), and 24 bytes a row of each chunk. Errors: as read_rows(). Thread rule: pure functions.

#include <cstdint>
#include <span>
#include <string>

#include "xmr/model/chunk.hpp"

namespace xmr {

// `chunks`: at least one, with equal numbers of children and equal types. `features`: number of features of the model.
// `place`: for messages.
std::string join_chunks(std::span<const ChunkView> chunks, std::uint64_t features, const std::string& place);

// Returns a chunk with the weights and biases of the given children (increasing) only.
std::string part_of_chunk(const ChunkView& chunk, std::span<const std::uint32_t> children, std::uint64_t features,
                          const std::string& place);

}  // namespace xmr
