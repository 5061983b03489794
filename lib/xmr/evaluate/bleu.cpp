#include "xmr/evaluate/bleu.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace xmr {
namespace {

constexpr std::size_t kOrders = 4;
constexpr double kNoHit = 0.1;

using Words = std::vector<std::string_view>;

Words words_of(std::string_view text) {
  Words words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

// The number of grams of `order` words in both texts. A gram counts min(occurrences in each text) times.
double shared_grams(const Words& words, const Words& reference, std::size_t order) {
  if (words.size() < order || reference.size() < order) return 0;
  std::vector<bool> is_taken(reference.size() - order + 1);
  double shared = 0;
  for (std::size_t i = 0; i + order <= words.size(); ++i) {
    const std::span gram = std::span(words).subspan(i, order);
    for (std::size_t j = 0; j < is_taken.size(); ++j) {
      if (is_taken[j] || !std::ranges::equal(gram, std::span(reference).subspan(j, order))) continue;
      is_taken[j] = true;
      ++shared;
      break;
    }
  }
  return shared;
}

}  // namespace

double bleu(std::string_view text, std::string_view reference) {
  const Words words = words_of(text), wanted = words_of(reference);
  double logarithms = 0;
  for (std::size_t order = 1; order <= kOrders; ++order) {
    const double shared = shared_grams(words, wanted, order);
    if (order == 1 && shared == 0) return 0;
    const double grams = words.size() < order ? 1 : static_cast<double>(words.size() - order + 1);
    logarithms += std::log((shared == 0 ? kNoHit : shared) / grams);
  }
  const double brevity = std::min(0.0, 1 - static_cast<double>(wanted.size()) / static_cast<double>(words.size()));
  return std::exp(logarithms / kOrders + brevity);
}

}  // namespace xmr
