#pragma once
// Folding of accents: é is e, đ is d, ł is l, ß is ss, ς stays. Marks go from Latin and Greek letters, and from the
// Cyrillic ё; so do the points of Hebrew, and the short vowels and the tatweel of Arabic. й, ї, dakuten and the vowel
// signs of other scripts stay, because they tell words apart. With case folding, the four letters i of Turkish are one.
// Thread rule: pure functions.

#include <cstdint>
#include <vector>

namespace xmr {

// Folds decomposed code points (NFKD) in place.
void fold_accents(std::vector<std::int32_t>& points);

}  // namespace xmr
