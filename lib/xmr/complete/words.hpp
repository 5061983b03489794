#pragma once
// Words of labels and of typed texts, as the search for words in any order compares them (word_index.hpp).
//
// A word is a longest run of letters, digits and marks (Unicode categories L, N, M). Words are folded: decomposed
// (NFD), without the marks U+0300 to U+036F, and đ, ħ, ı, ł, ø as d, h, i, l, o. So "cafe" begins "café", and the
// letters of a Hangul syllable begin the syllable.
//
//   Words typed, label;
//   typed.read("dev lib");   label.read("libssl-dev");
//   find_words(typed, label)   // place 0: "lib" begins word 0
//
// Cost: about 1 ns a byte of ASCII, 50 ns another code point; allocates only to grow. Thread rule: one object a thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmr {

// Returns true for letters, digits and marks.
bool is_word_point(char32_t point);

// Returns true for bytes below 128, which folding leaves as they are.
bool is_ascii(std::string_view text);

class Words {
 public:
  static constexpr std::size_t kMaxWords = 64;  // more words of a text are not read

  // `text`: normalised UTF-8 (featurize/query_text.hpp). Words point into `text` if is_plain(), so it must outlive
  // them.
  void read(std::string_view text);

  std::size_t size() const { return words_.size(); }
  std::string_view operator[](std::size_t i) const { return words_[i]; }
  // True if the text ends in a word, which a typed text has not finished.
  bool is_open() const { return is_open_; }
  // The words of a typed text that are finished.
  std::size_t finished() const { return words_.size() - (is_open_ ? 1 : 0); }
  // The last word if it is not finished, else empty.
  std::string_view beginning() const { return is_open_ ? words_.back() : std::string_view(); }
  // The longest word; the first of equal ones.
  std::string_view longest() const { return longest_; }
  // True if the folded text equals the text.
  bool is_plain() const { return is_plain_; }
  // True if the text begins with a word.
  bool begins_with_word() const { return begins_with_word_; }

 private:
  void fold(std::string_view text);

  std::vector<std::string_view> words_;
  std::string_view longest_;
  std::string folded_;
  std::vector<std::int32_t> points_;
  bool is_open_ = false, is_plain_ = true, begins_with_word_ = false;
};

// Returns the place of the word of a label that begins with the unfinished word of a typed text, if the label has all
// finished words beside it, each as often as it is typed. Without an unfinished word the place is that of the last
// typed word.
std::optional<std::size_t> find_words(const Words& typed, const Words& label);

// Returns false only if find_words() finds no place in the words of `label`, or of each label in a text of several,
// which it does not read. Cost: a search for the longest typed word.
bool may_hold(const Words& typed, std::string_view label);

// The same as find_words() with the words of a label's text, which are read into `words` if need be.
std::optional<std::size_t> find_words(const Words& typed, std::string_view label, Words& words);

}  // namespace xmr
