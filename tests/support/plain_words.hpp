#pragma once
// Words in any order by looking at every label, for texts of ASCII.

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/util/types.hpp"

namespace xmr::test {

struct PlainWords {
  std::vector<std::string> words;
  bool is_open = false;
};

inline PlainWords plain_words(std::string_view text) {
  PlainWords found;
  for (const char byte : text) {
    const bool is_word = std::isalnum(static_cast<unsigned char>(byte)) != 0;
    if (is_word && !found.is_open) found.words.emplace_back();
    if (is_word) found.words.back() += byte;
    found.is_open = is_word;
  }
  return found;
}

// Takes the finished words from the label one by one; another word must begin with the unfinished one.
inline std::optional<std::size_t> plain_place(std::string_view typed_text, std::string_view label_text) {
  PlainWords typed = plain_words(typed_text);
  PlainWords label = plain_words(label_text);
  if (typed.words.empty()) return {};
  std::string beginning;
  if (typed.is_open) {
    beginning = typed.words.back();
    typed.words.pop_back();
  }
  std::size_t last = 0;
  for (const std::string& word : typed.words) {
    const auto at = std::ranges::find(label.words, word);
    if (at == label.words.end()) return {};
    last = static_cast<std::size_t>(at - label.words.begin());
    *at = "-";  // taken
  }
  if (!typed.is_open) return last;
  const auto at =
      std::ranges::find_if(label.words, [&](const std::string& word) { return word.starts_with(beginning); });
  if (at == label.words.end()) return {};
  return static_cast<std::size_t>(at - label.words.begin());
}

// The labels outside a range that hold the typed words, by falling count, then label.
inline std::vector<LabelId> plain_word_search(const std::vector<std::string>& keys,
                                              const std::vector<std::uint32_t>& counts, std::string_view typed,
                                              LabelRange without) {
  std::vector<LabelId> found;
  for (LabelId label = 0; label < keys.size(); ++label)
    if (!without.contains(label) && plain_place(typed, keys[label])) found.push_back(label);
  std::ranges::stable_sort(found, [&](LabelId a, LabelId b) { return counts[a] > counts[b]; });
  return found;
}

}  // namespace xmr::test
