#include "xmr/complete/matched.hpp"

#include <algorithm>

#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

// Returns the bytes of the characters begin..end-1.
std::string_view text_of(std::string_view text, TextPart part) {
  const auto skip = [&](std::uint32_t points) {
    std::size_t at = 0;
    for (; points > 0 && at < text.size(); --points)
      at += decode_utf8(text.substr(at)).length;
    return at;
  };
  text.remove_prefix(skip(part.begin));
  return text.substr(0, skip(part.end - part.begin));
}

}  // namespace

std::span<const TextPart> MatchedParts::operator()(std::string_view typed, std::string_view prefix,
                                                   std::string_view completion) {
  parts_.clear();
  if (completion.starts_with(prefix)) {
    if (!prefix.empty()) parts_.push_back({0, static_cast<std::uint32_t>(count_points(prefix))});
    return parts_;
  }
  typed_.read(typed);
  read_words(completion);
  for (std::size_t i = 0; i < typed_.finished(); ++i) {
    const auto word =
        std::ranges::find_if(words_, [&](const Word& own) { return !own.is_used && own.folded == typed_[i]; });
    if (word == words_.end()) continue;
    word->is_used = true;
    parts_.push_back(word->part);
  }
  if (typed_.is_open()) {
    const auto word = std::ranges::find_if(
        words_, [&](const Word& own) { return !own.is_used && own.folded.starts_with(typed_.beginning()); });
    if (word != words_.end())
      parts_.push_back({word->part.begin, end_of_beginning(*word, completion, typed_.beginning().size())});
  }
  std::ranges::sort(parts_, {}, &TextPart::begin);
  return parts_;
}

// Reads the words of a completion with their places.
void MatchedParts::read_words(std::string_view completion) {
  words_.clear();
  std::uint32_t point = 0;
  bool in_word = false;
  for (std::size_t at = 0; at < completion.size(); ++point) {
    const DecodedPoint next = decode_utf8(completion.substr(at));
    const bool is_word = is_word_point(next.point);
    if (is_word && !in_word) words_.push_back({{point, point}, {}, false});
    if (is_word) words_.back().part.end = point + 1;
    in_word = is_word;
    at += next.length;
  }
  for (Word& word : words_) {
    one_.read(text_of(completion, word.part));
    if (one_.size() > 0) word.folded = one_[0];
  }
}

// Returns the end of the shortest beginning of a word whose folded form has at least `bytes` bytes.
std::uint32_t MatchedParts::end_of_beginning(const Word& word, std::string_view completion, std::size_t bytes) {
  for (std::uint32_t end = word.part.begin + 1; end < word.part.end; ++end) {
    one_.read(text_of(completion, {word.part.begin, end}));
    if (one_.size() > 0 && one_[0].size() >= bytes) return end;
  }
  return word.part.end;
}

}  // namespace xmr
