#pragma once
// The identity of a corpus for work in parts: each part reads its own share of the text only, so the identity is the
// sizes of the files and the columns that are read. Thread rule: pure functions.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/corpus.hpp"

namespace xmr {

// Returns the sizes of the files in bytes. If a file does not exist, throws IoError. If it is no regular file, throws
// DataError: parts cannot be cut out of it.
std::vector<std::uint64_t> corpus_bytes(std::span<const std::string> paths);

// Returns the fingerprint of the sizes and the names of the columns. Errors as above.
std::string corpus_identity(std::span<const std::string> paths, const CorpusColumns& columns);

}  // namespace xmr
