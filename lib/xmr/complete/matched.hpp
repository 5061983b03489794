#pragma once
// The parts of a completion that were typed, for highlighting.
//
//   MatchedParts matched;
//   matched("dev libs", "libs", "libssl-dev")    // {0, 4} and {7, 10}: "libs" and "dev"
//
// A completion that begins with the completed prefix has one part, that prefix. Else its parts are the typed words:
// finished ones as often as they are typed, and the beginning of the word that begins with the last one. Words: as in
// words.hpp. Cost: about 1 µs. Thread rule: one object a thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/complete/words.hpp"

namespace xmr {

// The characters (code points) begin..end-1 of a text.
struct TextPart {
  std::uint32_t begin, end;
  bool operator==(const TextPart&) const = default;
};

class MatchedParts {
 public:
  // `typed`: the typed text; `prefix`: the prefix that is completed in its place (known_prefix.hpp). Parts are in order
  // and valid until the next call.
  std::span<const TextPart> operator()(std::string_view typed, std::string_view prefix, std::string_view completion);

 private:
  struct Word {
    TextPart part;
    std::string folded;
    bool is_used;
  };
  void read_words(std::string_view completion);
  std::uint32_t end_of_beginning(const Word& word, std::string_view completion, std::size_t bytes);

  Words typed_, one_;
  std::vector<Word> words_;
  std::vector<TextPart> parts_;
};

}  // namespace xmr
