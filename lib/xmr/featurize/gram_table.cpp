#include "xmr/featurize/gram_table.hpp"

#include "xmr/util/error.hpp"

namespace xmr {

void GramCounter::append(const Gram& gram) {
  if (counts_.size() == kNoEntry) throw DataError("more than 4294967295 different n-grams; --hash bounds their number");
  symbols_.insert(symbols_.end(), gram.symbols, gram.symbols + gram.size);
  symbols_.insert(symbols_.end(), width_ - gram.size, kNoEntry);
  counts_.emplace_back();
}

}  // namespace xmr
