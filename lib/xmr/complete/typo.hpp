#pragma once
// A typed prefix that no key begins with, one edit away from one that keys begin with: a character too many, missing or
// wrong, or two exchanged.
//
//   TypoSearch mend(keys, popular);
//   const std::string_view meant = mend("lbig");   // "libg"; empty if no edit helps
//
// Of several, the prefix whose keys are wanted most often together, then the first in the order of bytes. The last
// character is not taken away: that is what known_prefix() is for. An edit stands behind a beginning that keys have, so
// only their next characters are tried there: some ten to a few hundred µs, growing with the square of the prefix's
// length, so that those of more than kLongest bytes are not mended. Thread rule: one object a thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "xmr/complete/popular.hpp"
#include "xmr/io/names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class TypoSearch {
 public:
  static constexpr std::size_t kLongest = 1000;

  // Both must outlive it; keys increase bytewise, else (in a forged file) some are not found.
  TypoSearch(const StringTable& keys, const Popular& popular) : keys_(keys), popular_(popular) {}

  // Valid as long as the keys. `prefix` is well-formed UTF-8.
  std::string_view operator()(std::string_view prefix);

 private:
  // Edits at the end of a beginning whose keys are `range`.
  void try_edits(LabelRange range, std::string_view beginning, std::string_view rest);
  // `edited_` as a prefix of keys in `range`.
  void try_edited(LabelRange range);
  void edit(std::string_view beginning, std::string_view inserted, std::string_view rest);

  const StringTable& keys_;
  const Popular& popular_;
  std::string edited_;
  std::string_view best_;
  std::uint64_t most_ = 0;
};

}  // namespace xmr
