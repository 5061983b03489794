#pragma once
// Merges the parts of a fit into the vectorizer that one fit of all rows learns, byte for byte.
//
// The parts are sorted and mapped. A merge reads them once and holds little more than the result. Cost: O(n-grams of
// all parts · log(parts)), one thread. Memory: docs/xmr-featurize.md. Errors: as learn(); FormatError if a part is
// damaged; DataError if parts differ in version, options or corpus, are given twice or are missing. Thread rule: one
// call at a time per `parallel`.

#include <span>
#include <string>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Merges the files of all parts, in any order, at least one.
Vectorizer merge_fit_parts(std::span<const std::string> paths, Parallel& parallel);

}  // namespace xmr
