#include "xmr/featurize/word_table.hpp"

#include "xmr/util/error.hpp"

namespace xmr {

std::uint32_t WordCollector::number(std::string_view word, std::uint32_t hash) {
  const auto next = static_cast<std::uint32_t>(size());
  if (size() == kNoEntry) throw DataError("more than 4294967295 different words");
  const std::uint32_t entry =
      slots_.find_or_insert(hash, next, [&](std::uint32_t i) { return words_.view()[i] == word; });
  if (entry == next) {
    words_.add(word);
    hashes_.push_back(hash);
  }
  return entry;
}

}  // namespace xmr
