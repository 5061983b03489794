#pragma once
// The pairs of characters that a vectorizer reads in scripts without blanks (terms.cpp). Thread rule: pure function.

#include <vector>

#include "xmr/featurize/vectorizer.hpp"

namespace xmr {

// The factor of a pair in BM25. A run of n characters has n-1 pairs, most of them in no word of the text: with the
// factor 1 they outweigh the few words of other scripts beside them.
inline constexpr float kPairFactor = 0.1F;

// Returns a factor for each feature: kPairFactor for a pair of characters of a script without blanks, else 1. Returns
// an empty list if there is no such pair, or the vectorizer reads whole runs. O(features).
std::vector<float> pair_factors(const Vectorizer& vectorizer);

}  // namespace xmr
