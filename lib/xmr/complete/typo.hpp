#pragma once
// Corrects a typed prefix that no key begins with by one edit: insertion, deletion, replacement or exchange of
// characters.
//
//   TypoSearch mend(keys, popular);
//   const std::string_view meant = mend("lbig");   // "libg"; empty if no edit helps
//
// Among several candidates it takes the prefix whose keys have the largest total count, then the first bytewise.
// The last character is not deleted: known_prefix() does that. An edit follows a beginning that keys have, so only
// their next characters are tried. The time is ten to a few hundred µs and grows with the square of the length;
// prefixes of more than kLongest bytes are not corrected. Thread rule: one object a thread.

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

  // `keys` and `popular` must outlive the object. Keys increase bytewise; of unsorted keys (a forged file) some are not
  // found.
  TypoSearch(const StringTable& keys, const Popular& popular) : keys_(keys), popular_(popular) {}

  // Valid as long as the keys. `prefix` must be well-formed UTF-8.
  std::string_view operator()(std::string_view prefix);

 private:
  // Tries the edits behind a beginning whose keys are `range`.
  void try_edits(LabelRange range, std::string_view beginning, std::string_view rest);
  // Tries `edited_` as a prefix of keys in `range`.
  void try_edited(LabelRange range);
  void edit(std::string_view beginning, std::string_view inserted, std::string_view rest);

  const StringTable& keys_;
  const Popular& popular_;
  std::string edited_;
  std::string_view best_;
  std::uint64_t most_ = 0;
};

}  // namespace xmr
