#pragma once
// The text of one column of one instance as sequences of symbols, and the n-grams of a block in them. Fit and apply
// both read texts through this, so that they agree on every string.
//
//   word     one sequence: the words' numbers (their hashes in a hashed block)
//   char     one sequence: the code points of the normalised text
//   char-wb  a sequence for each word: its code points with a boundary (a space) before and behind
//
// Thread rule: one thread at a time per object.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/featurize/gram_table.hpp"
#include "xmr/featurize/options.hpp"
#include "xmr/featurize/tokenizer.hpp"

namespace xmr {

inline constexpr std::uint32_t kBoundary = ' ';

class ColumnText {
 public:
  // Takes note of what `block` reads.
  void require(const BlockOptions& block);

  // `words` numbers the words: prefetch(hash), number(word, hash) → kNoEntry for an unknown word. It is asked only if a
  // required block needs it.
  template <class Words>
  void read(Tokenizer& tokenizer, std::string_view text, Words& words) {
    read_symbols(tokenizer, text);
    if (!needs_words_) return;
    words_.resize(word_hashes_.size());
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (i + kAhead < words_.size()) words.prefetch(word_hashes_[i + kAhead]);
      words_[i] = words.number(tokenizer.word(i), word_hashes_[i]);
    }
  }

  // Calls use(const Gram&) for each n-gram of `block`, which was required; n-grams with an unknown word are left out.
  template <class Use>
  void for_each_gram(const BlockOptions& block, Use&& use) const;

 private:
  static constexpr std::size_t kAhead = 8;  // look-ups that are in flight
  void read_symbols(Tokenizer& tokenizer, std::string_view text);

  bool needs_words_ = false, needs_hashes_ = false, needs_chars_ = false, needs_padded_ = false;
  std::vector<std::uint32_t> words_, word_hashes_, chars_, padded_;
  std::vector<std::size_t> padded_ends_;  // where the sequences in padded_ end
};

// The n-grams of one sequence, min_n to max_n symbols long.
template <class Use>
void for_each_gram(std::span<const std::uint32_t> symbols, std::uint32_t min_n, std::uint32_t max_n, Use&& use) {
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const std::uint32_t* const start = symbols.data() + i;
    const auto longest = static_cast<std::uint32_t>(std::min<std::size_t>(max_n, symbols.size() - i));
    GramHash hash;
    for (std::uint32_t n = 1; n <= longest && start[n - 1] != kNoEntry; ++n) {
      hash = hash.extended(start[n - 1]);
      if (n >= min_n) use(Gram{start, n, hash.value()});
    }
  }
}

template <class Use>
void ColumnText::for_each_gram(const BlockOptions& block, Use&& use) const {
  const auto cut = [&](std::span<const std::uint32_t> symbols) {
    return block.max_tokens == 0 ? symbols : symbols.first(std::min<std::size_t>(symbols.size(), block.max_tokens));
  };
  if (block.kind != GramKind::char_wb) {
    const auto& symbols = block.kind == GramKind::char_ ? chars_ : block.hash_bits != 0 ? word_hashes_ : words_;
    xmr::for_each_gram(cut(symbols), block.min_n, block.max_n, use);
    return;
  }
  const std::span<const std::uint32_t> symbols = cut(padded_);
  std::size_t begin = 0;
  for (const std::size_t end : padded_ends_) {
    if (begin >= symbols.size()) break;
    xmr::for_each_gram(symbols.subspan(begin, std::min(end, symbols.size()) - begin), block.min_n, block.max_n, use);
    begin = end;
  }
}

}  // namespace xmr
