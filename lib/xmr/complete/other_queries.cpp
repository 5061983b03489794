#include "xmr/complete/other_queries.hpp"

#include <algorithm>
#include <optional>

namespace xmr {

void OtherQueries::operator()(std::string_view previous, std::string_view typed, bool makes) {
  all_.clear();
  words_.read(typed);
  search_(previous, typed, words_);
  for (const FoundFirst& found : search_.all())
    all_.push_back({.text = first_.texts()[found.number], .first = found});
  if (!makes) return;
  make_(previous, typed);
  const std::size_t firsts = all_.size();
  for (const MadeQuery& made : make_.all()) {
    const auto end = all_.begin() + static_cast<std::ptrdiff_t>(firsts);
    const auto same = std::ranges::lower_bound(all_.begin(), end, made.text, {}, &OtherQuery::text);
    const bool is_first = same != end && same->text == made.text;
    OtherQuery& query = is_first ? *same : all_.emplace_back(OtherQuery{.text = made.text, .first = {}});
    if (!is_first && !made.text.starts_with(typed)) {
      const std::optional<std::size_t> place = find_words(words_, made.text, text_words_);
      query.first.has_words = place.has_value();
      query.first.word_place = static_cast<std::uint32_t>(place.value_or(0));
    }
    query.probability = made.probability;
    query.share = made.share;
    query.pieces = made.pieces;
  }
}

}  // namespace xmr
