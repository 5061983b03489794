#pragma once
// How the text of a label agrees with a query and with the texts of the leading candidates, in numbers from 0 to 1
// unless stated otherwise.
//
//   TextMatcher matcher(texts, links);
//   matcher.ask(read_text, candidates.find_leaders());   // once a query
//   const TextMatch match = matcher(label);       // about 10 ns a word and gram of the label's text
//
// Weights are the idf of LabelTexts. Words count once in the query. Thread rule: one object a thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "xmr/retrieve/candidates.hpp"
#include "xmr/retrieve/label_texts.hpp"
#include "xmr/retrieve/text_space.hpp"
#include "xmr/retrieve/word_links.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// Numbers from few known keys (below 2^32 - 1), by open addressing; emptied in O(capacity). A filter of bits answers
// most keys that are not held, without a branch that is hard to predict.
class SmallMap {
 public:
  static constexpr std::uint32_t kNone = 0xffffffffU;

  void reset(std::size_t keys);
  // Returns the number of the key, which is the first one that it was given.
  std::uint32_t find_or_put(std::uint32_t key, std::uint32_t number);
  // Returns false for most keys that are not held, and true for all that are.
  bool may_hold(std::uint32_t key) const { return (filter_[key / 64 % kFilter] >> (key % 64) & 1) != 0; }
  std::uint32_t find(std::uint32_t key) const {
    if (!may_hold(key)) return kNone;
    for (std::size_t at = slot(key);; at = (at + 1) & mask_) {
      if (slots_[at].key == key) return slots_[at].number;
      if (slots_[at].key == kNone) return kNone;
    }
  }

 private:
  struct Slot {
    std::uint32_t key, number;
  };
  // The slot of the key, or the free one for it.
  Slot& slot_of(std::uint32_t key);
  std::size_t slot(std::uint32_t key) const { return (key * 0x9E3779B1U >> 12) & mask_; }

  static constexpr std::size_t kFilter = 64;  // words

  std::vector<Slot> slots_;
  std::array<std::uint64_t, kFilter> filter_ = {};
  std::size_t mask_ = 0;
};

struct TextMatch {
  float covered = 0;                        // weight of the query's words that the text holds / weight of all
  float told = 0;                           // weight of the text's words that the query holds / weight of all
  float grams_covered = 0, grams_told = 0;  // the same for 3-grams of characters
  float run = 0;      // the longest run of words that both hold in the same order / words of the query
  float ordered = 0;  // pairs of neighbouring words of the query that the text holds / pairs
  float has_last = 0, same_last = 0,
        same_first = 0;   // 1: the text holds, ends with, begins with that word of the query
  float is_equal = 0;     // 1: the same words in the same order
  float numbers = 0;      // the query's words with a digit that the text holds / such words; 0 if there are none
  float contradicts = 0;  // 1: both have words with a digit, and share none
  float heaviest = 0;     // 1: the text holds the query's word of the largest weight
  // Likeness to a leader: weight of the 3-grams that both texts hold / √(weight of one · weight of the other). The mean
  // over the leaders by their weights, and the largest; the label itself does not count.
  float like_leaders = 0, like_a_leader = 0;
  // Links of the query to a word of the text: Σ weight · strength of its words / weight of all. The largest link, the
  // mean by the weights of the text's words, and the sum (which is not limited to 1).
  float linked_word = 0, linked_mean = 0, linked_sum = 0;
  std::uint32_t words = 0, grams = 0;  // of the text
};

class TextMatcher {
 public:
  TextMatcher(const LabelTexts& texts, const WordLinks& links) : texts_(texts), links_(links) {}

  void ask(const ReadText& query, std::span<const Leader> leaders);
  TextMatch operator()(LabelId label);

  // Numbers of words, 3-grams and words with a digit of the query.
  std::size_t words() const { return words_.size(); }
  std::size_t grams() const { return grams_; }
  std::size_t numbers() const { return numbers_; }
  float unknown() const { return unknown_; }  // weight of words that no text holds / weight of all

 private:
  static constexpr std::size_t kHolders = 8;  // lanes of a sum: the query, the leaders, the rest unused
  static_assert(kHolders > kLeaders);
  using HolderWeights = std::array<float, kHolders>;

  void ask_links();
  void add_holder(std::uint32_t gram, std::size_t holder);
  // `all`: the weight of the text.
  void match_words(std::span<const std::uint32_t> text, float all, TextMatch& match);
  void match_links(std::span<const std::uint32_t> text, float all, TextMatch& match) const;
  void match_grams(LabelId label, TextMatch& match);

  const LabelTexts& texts_;
  const WordLinks& links_;
  std::vector<std::uint32_t> words_;  // of the query
  std::vector<float> weights_;        // by word; 0 for one that stands earlier
  std::vector<std::uint8_t> is_number_, is_held_;
  SmallMap places_;
  SmallMap link_places_;  // in linked_, by word
  std::vector<float> linked_;
  SmallMap gram_places_;                                            // in gram_weights_
  std::vector<HolderWeights> gram_weights_;                         // the gram's idf in the lane of each holder, else 0
  std::array<std::uint32_t, LabelTexts::kMaxGrams> probable_ = {};  // scratch: grams of a text that may have holders
  std::span<const Leader> leaders_;
  double weight_ = 0, gram_weight_ = 0;
  std::size_t grams_ = 0, numbers_ = 0, heaviest_ = 0;
  float unknown_ = 0;
};

}  // namespace xmr
