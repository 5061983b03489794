#pragma once
// The text of one column of one instance as sequences of symbols, and the n-grams of a block in them. Fit and apply
// both read texts through this, so that they agree on every string.
//
//   word     the numbers of terms (tokenizer.hpp), or their hashes in a hashed block: all terms for n-grams of length 1,
//            one sequence of the terms that are words for longer ones
//   char     one sequence: the code points of the normalised text
//   char-wb  a sequence for each word: its code points with a boundary (a space) before and behind
//
// Thread rule: one thread at a time per object.

#include <algorithm>
#include <array>
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

  // `words` is a WordTable or a WordCollector; it is asked only if a required block needs the words' numbers.
  template <class Words>
  void read(Tokenizer& tokenizer, std::string_view text, Words& words) {
    read_symbols(tokenizer, text);
    if (needs_words_) number_words(tokenizer, words);
    if (needs_hashes_) select_words(tokenizer);
  }

  // The words' numbers, in the order of the text; of the last text read, if a required block needs them.
  std::span<const std::uint32_t> word_numbers() const { return words_; }

  // Calls use(const Gram&) for each n-gram of `block`, which was required; n-grams with an unknown word are left out.
  template <class Use>
  void for_each_gram(const BlockOptions& block, Use&& use) const;

  // Returns the place at which an n-gram of `block` begins; its tf is positional. See TermFrequency.
  std::uint32_t place(const BlockOptions& block, const Gram& gram) const;

  // Calls use(const Gram&, likely) for each n-gram, where likely is what `table`, a GramTable or a GramCounter, told.
  template <class Table, class Use>
  void look_up_grams(const BlockOptions& block, const Table& table, Use&& use) const;

 private:
  static constexpr std::size_t kTogether = 64;  // look-ups whose memory accesses overlap

  void read_symbols(Tokenizer& tokenizer, std::string_view text);
  void read_places(const Tokenizer& tokenizer);
  template <class Words>
  void number_words(const Tokenizer& tokenizer, Words& words);
  void select_words(const Tokenizer& tokenizer);

  bool needs_words_ = false, needs_hashes_ = false, needs_chars_ = false, needs_padded_ = false;
  bool needs_places_ = false;  // of characters in their words
  std::vector<std::uint32_t> words_, word_hashes_, chars_, padded_;
  bool has_parts_ = false;                                 // some terms are parts of words
  std::vector<std::uint32_t> whole_words_, whole_hashes_;  // of the terms that are words; if some are not
  std::vector<std::size_t> padded_ends_;                   // where the sequences in padded_ end
  std::vector<std::uint32_t> char_places_, padded_places_;
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

template <class Words>
void ColumnText::number_words(const Tokenizer& tokenizer, Words& words) {
  std::array<std::uint32_t, kTogether> likely;
  words_.resize(word_hashes_.size());
  for (std::size_t begin = 0; begin < words_.size(); begin += kTogether) {
    const std::size_t end = std::min(words_.size(), begin + kTogether);
    for (std::size_t i = begin; i < end; ++i)
      words.prefetch(word_hashes_[i]);
    for (std::size_t i = begin; i < end; ++i)
      likely[i - begin] = words.prefetch_likely(word_hashes_[i]);
    for (std::size_t i = begin; i < end; ++i)
      words.prefetch_text(likely[i - begin]);
    for (std::size_t i = begin; i < end; ++i)
      words_[i] = words.number(tokenizer.term(i), word_hashes_[i], likely[i - begin]);
  }
}

template <class Use>
void ColumnText::for_each_gram(const BlockOptions& block, Use&& use) const {
  const auto cut = [&]<class T>(const std::vector<T>& all) {
    const std::span<const T> tokens(all);
    return block.max_tokens == 0 ? tokens : tokens.first(std::min<std::size_t>(tokens.size(), block.max_tokens));
  };
  if (block.kind == GramKind::char_) return xmr::for_each_gram(cut(chars_), block.min_n, block.max_n, use);
  if (block.kind == GramKind::word) {
    const bool is_hashed = block.hash_bits != 0;
    const std::span<const std::uint32_t> terms = cut(is_hashed ? word_hashes_ : words_);
    if (!has_parts_) return xmr::for_each_gram(terms, block.min_n, block.max_n, use);
    if (block.min_n == 1) xmr::for_each_gram(terms, 1, 1, use);
    const std::uint32_t longer = std::max(block.min_n, 2U);
    if (longer <= block.max_n)
      xmr::for_each_gram(cut(is_hashed ? whole_hashes_ : whole_words_), longer, block.max_n, use);
    return;
  }
  std::size_t begin = 0;
  for (const std::size_t end : cut(padded_ends_)) {
    xmr::for_each_gram(std::span(padded_).subspan(begin, end - begin), block.min_n, block.max_n, use);
    begin = end;
  }
}

template <class Table, class Use>
void ColumnText::look_up_grams(const BlockOptions& block, const Table& table, Use&& use) const {
  std::array<Gram, kTogether> grams;
  std::array<std::uint32_t, kTogether> likely;
  std::size_t size = 0;
  const auto flush = [&] {
    for (std::size_t i = 0; i < size; ++i)
      likely[i] = table.prefetch_likely(grams[i].hash);
    for (std::size_t i = 0; i < size; ++i)
      use(grams[i], likely[i]);
    size = 0;
  };
  for_each_gram(block, [&](const Gram& gram) {
    table.prefetch(gram.hash);
    grams[size++] = gram;
    if (size == kTogether) flush();
  });
  flush();
}

}  // namespace xmr
