#include "xmr/complete/word_orders.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "xmr/complete/words.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

// Returns the words of a query that folding leaves as it is; of another query the runs between blanks.
std::vector<std::string_view> unfolded_words(std::string_view query) {
  Words words;
  words.read(query);
  std::vector<std::string_view> found;
  if (words.is_plain()) {
    for (std::size_t i = 0; i < words.size(); ++i)
      found.push_back(words[i]);
    return found;
  }
  for (std::size_t begin = 0; begin < query.size();) {
    const std::size_t end = std::min(query.find(' ', begin), query.size());
    if (end > begin) found.push_back(query.substr(begin, end - begin));
    begin = end + 1;
  }
  return found;
}

// Returns the beginning of a text in whole characters, more than `least` bytes.
std::string cut(const std::string& text, std::size_t least, Random& random) {
  std::size_t length = least + 1 + static_cast<std::size_t>(random.below(text.size() - least));
  while (length < text.size() && !begins_point(text[length]))
    ++length;
  return text.substr(0, length);
}

}  // namespace

std::optional<std::string> reordered(std::string_view query, Random& random) {
  const std::vector<std::string_view> words = unfolded_words(query);
  if (words.size() < 2) return {};
  std::vector<std::size_t> order(words.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  while (std::ranges::is_sorted(order))
    random.shuffle(std::span(order));
  std::string text;
  std::size_t least = 0;  // bytes before the second word
  for (std::size_t i = 0; i < order.size(); ++i) {
    text += words[order[i]];
    if (i + 1 == order.size()) break;
    const char* const separator = words[i].data() + words[i].size();
    text.append(separator, static_cast<std::size_t>(words[i + 1].data() - separator));
    if (i == 0) least = text.size();
  }
  return cut(text, least, random);
}

std::optional<std::string> from_later_word(std::string_view query, Random& random) {
  const std::vector<std::string_view> words = unfolded_words(query);
  if (words.size() < 2) return {};
  const std::string_view first = words[1 + random.below(words.size() - 1)];
  const auto begin = static_cast<std::size_t>(first.data() - query.data());
  return cut(std::string(query.substr(begin)), 0, random);
}

}  // namespace xmr
