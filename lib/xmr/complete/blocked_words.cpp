#include "xmr/complete/blocked_words.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/io/lines.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

BlockedWords BlockedWords::read(const std::string& path) {
  BlockedWords blocked;
  LineBlocks lines{InputFile(path)};
  for (LineBlock block; lines.next(block);)
    for (const Line line : block)
      if (!blocked.add(line.text))
        throw DataError(lines.name(), line.number, "a line without a letter or digit",
                        "write a word or a phrase in each line");
  if (blocked.phrases_.empty()) throw DataError(lines.name(), "no words");
  return blocked;
}

bool BlockedWords::add(std::string_view phrase) {
  QueryNormalizer normal;
  Words words;
  words.read(normal.query(phrase));
  if (words.size() == 0) return false;
  Phrase added;
  for (std::size_t i = 0; i < words.size(); ++i)
    added.emplace_back(words[i]);
  auto& same_first = phrases_[added.front()];
  if (std::ranges::find(same_first, added) == same_first.end()) same_first.push_back(std::move(added));
  return true;
}

std::vector<std::string> BlockedWords::phrases() const {
  std::vector<std::string> all;
  for (const auto& [first, phrases] : phrases_)
    for (const Phrase& phrase : phrases)
      all.push_back(fmt::format("{}", fmt::join(phrase, " ")));
  std::ranges::sort(all);
  return all;
}

bool BlockedWords::Search::operator()(std::string_view text) {
  words_.read(normal_.query(text));
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const auto found = blocked_.phrases_.find(words_[i]);
    if (found == blocked_.phrases_.end()) continue;
    for (const Phrase& phrase : found->second) {
      std::size_t same = 1;
      while (same < phrase.size() && i + same < words_.size() && words_[i + same] == phrase[same])
        ++same;
      if (same == phrase.size()) return true;
    }
  }
  return false;
}

BlockedLabels::BlockedLabels(BlockedWords blocked, const StringTable& keys)
    : words(std::move(blocked)), labels(keys.size()) {
  BlockedWords::Search search(words);
  for (LabelId label = 0; label < keys.size(); ++label)
    labels[label] = search(keys[label]);
}

}  // namespace xmr
