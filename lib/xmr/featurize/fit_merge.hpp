#pragma once
// The parts of a fit become the vectorizer that one fit of all rows learns, byte for byte.
//
// The parts are sorted: a merge goes through them once, where they are mapped, and holds little more than the result.
// Cost: O(n-grams of all parts · log(parts)), one thread. Memory: docs/xmr-featurize.md.
// Errors: FormatError for a damaged part; DataError for parts by another version, of other options or corpora, there
// twice or missing, and those of learn(). Thread rule: one call at a time per `parallel`.

#include <span>
#include <string>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The files of all parts, in any order, at least one.
Vectorizer merge_fit_parts(std::span<const std::string> paths, Parallel& parallel);

}  // namespace xmr
