#pragma once
// The prefix to complete for a typed text: the text itself if a key begins with it; else, with typo correction, a
// prefix one edit away (typo.hpp); else its longest beginning that a key begins with.
//
//   KnownPrefixes known(keys, popular, true);
//   const KnownPrefix found = known("lbig");   // found.prefix == "libg", found.instead == Instead::mended
//
// Cost: a binary search, or that of TypoSearch. Thread rule: one object a thread.

#include <string_view>

#include "xmr/complete/popular.hpp"
#include "xmr/complete/typo.hpp"
#include "xmr/io/names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// The kind of replacement for the typed text.
enum class Instead { nothing, beginning, mended };

struct KnownPrefix {
  std::string_view prefix;
  LabelRange range;  // the keys that begin with it
  Instead instead = Instead::nothing;
};

class KnownPrefixes {
 public:
  // `keys` and `popular` must outlive the object. Keys increase bytewise.
  KnownPrefixes(const StringTable& keys, const Popular& popular, bool mends_typos)
      : keys_(keys), mends_typos_(mends_typos), mend_(keys, popular) {}

  // Valid as long as the keys and `typed`, which must be well-formed UTF-8.
  KnownPrefix operator()(std::string_view typed);

 private:
  const StringTable& keys_;
  bool mends_typos_;
  TypoSearch mend_;
};

}  // namespace xmr
