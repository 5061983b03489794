#pragma once
// Words and phrases that no completion may hold.
//
//   const BlockedWords blocked = BlockedWords::read("blocked.txt");   // a word or a phrase a line
//   BlockedWords::Search search(blocked);
//   search("red Cafés")    // true if "café", "cafes" or "red cafes" is blocked
//
// A text holds a phrase if the phrase's words (words.hpp) stand one behind the other in it, compared without accents
// and case. Cost: about 1 µs a text. Errors: IoError; DataError for a line without a word. Thread rule: const methods
// from any thread; one Search a thread.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/complete/words.hpp"
#include "xmr/featurize/query_text.hpp"
#include "xmr/io/names.hpp"

namespace xmr {

class BlockedWords {
 public:
  static BlockedWords read(const std::string& path);

  // Returns false if the phrase has no word.
  bool add(std::string_view phrase);
  // The phrases, in bytewise order, words separated by blanks.
  std::vector<std::string> phrases() const;

  class Search {
   public:
    // `blocked` must outlive the search.
    explicit Search(const BlockedWords& blocked) : blocked_(blocked) {}
    bool operator()(std::string_view text);

   private:
    const BlockedWords& blocked_;
    QueryNormalizer normal_;
    Words words_;
  };

 private:
  using Phrase = std::vector<std::string>;
  std::map<std::string, std::vector<Phrase>, std::less<>> phrases_;  // by the first word
};

// A block list and the labels that hold one of its words.
struct BlockedLabels {
  BlockedLabels(BlockedWords blocked, const StringTable& keys);

  BlockedWords words;
  std::vector<bool> labels;  // by label
};

}  // namespace xmr
