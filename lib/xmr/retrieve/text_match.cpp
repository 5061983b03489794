#include "xmr/retrieve/text_match.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace xmr {

void SmallMap::reset(std::size_t keys) {
  const std::size_t size = std::bit_ceil(4 * keys + 4);
  slots_.assign(size, {kNone, kNone});
  mask_ = size - 1;
  filter_.fill(0);
}

SmallMap::Slot& SmallMap::slot_of(std::uint32_t key) {
  std::size_t at = slot(key);
  while (slots_[at].key != kNone && slots_[at].key != key)
    at = (at + 1) & mask_;
  filter_[key / 64 % kFilter] |= std::uint64_t{1} << (key % 64);
  return slots_[at];
}

std::uint32_t SmallMap::find_or_put(std::uint32_t key, std::uint32_t number) {
  Slot& at = slot_of(key);
  if (at.key == kNone) at = {key, number};
  return at.number;
}

void TextMatcher::ask(const ReadText& query, std::span<const Leader> leaders) {
  words_.assign(query.order.begin(), query.order.end());
  is_number_.assign(query.is_number.begin(), query.is_number.end());
  is_held_.assign(words_.size(), 0);
  weights_.assign(words_.size(), 0);
  places_.reset(words_.size());
  weight_ = 0;
  heaviest_ = 0;
  numbers_ = 0;
  double unknown = 0;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    numbers_ += is_number_[i];
    if (words_[i] != Vectorizer::kUnknownWord) {
      if (places_.find_or_put(words_[i], static_cast<std::uint32_t>(i)) != i) continue;
    }
    weights_[i] = texts_.word_idf(words_[i]);
    weight_ += static_cast<double>(weights_[i]);
    if (weights_[i] >= texts_.unknown_idf()) unknown += static_cast<double>(weights_[i]);
    if (weights_[i] > weights_[heaviest_]) heaviest_ = i;
  }
  unknown_ = weight_ > 0 ? static_cast<float>(unknown / weight_) : 0;
  ask_links();
  const auto first = static_cast<std::size_t>(
      std::ranges::lower_bound(query.grams.indices, static_cast<std::uint32_t>(texts_.grams_known())) -
      query.grams.indices.begin());
  grams_ = first;
  leaders_ = leaders;
  std::size_t keys = grams_;
  for (const Leader& leader : leaders)
    keys += texts_.grams(leader.label).size();
  gram_places_.reset(keys);
  gram_weights_.clear();
  gram_weight_ = 0;
  for (std::size_t i = 0; i < grams_; ++i) {
    add_holder(query.grams.indices[i], 0);
    gram_weight_ += static_cast<double>(texts_.gram_idf(query.grams.indices[i]));
  }
  for (std::size_t i = 0; i < leaders.size(); ++i)
    for (const std::uint32_t gram : texts_.grams(leaders[i].label))
      add_holder(gram, 1 + i);
}

void TextMatcher::add_holder(std::uint32_t gram, std::size_t holder) {
  const std::uint32_t place = gram_places_.find_or_put(gram, static_cast<std::uint32_t>(gram_weights_.size()));
  if (place == gram_weights_.size()) gram_weights_.push_back({});
  gram_weights_[place][holder] = texts_.gram_idf(gram);
}

void TextMatcher::ask_links() {
  std::size_t links = 0;
  for (const std::uint32_t word : words_)
    links += links_.end(word) - links_.begin(word);
  link_places_.reset(links);
  linked_.clear();
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (weights_[i] == 0) continue;
    const float share = weights_[i] / static_cast<float>(weight_);
    for (std::size_t link = links_.begin(words_[i]); link < links_.end(words_[i]); ++link) {
      const std::uint32_t place =
          link_places_.find_or_put(links_.word(link), static_cast<std::uint32_t>(linked_.size()));
      if (place == linked_.size()) linked_.push_back(0);
      linked_[place] += share * links_.strength(link);
    }
  }
}

TextMatch TextMatcher::operator()(LabelId label) {
  TextMatch match;
  match_links(texts_.words(label), texts_.word_weight(label), match);
  match_words(texts_.words(label), texts_.word_weight(label), match);
  match_grams(label, match);
  return match;
}

void TextMatcher::match_words(std::span<const std::uint32_t> text, float all, TextMatch& match) {
  match.words = static_cast<std::uint32_t>(text.size());
  if (words_.empty() || text.empty()) return;
  std::ranges::fill(is_held_, std::uint8_t{0});
  double held = 0, told = 0;
  std::size_t run = 0, longest = 0, pairs = 0;
  std::uint32_t before = SmallMap::kNone;
  for (const std::uint32_t word : text) {
    const std::uint32_t place = places_.find(word);
    if (place == SmallMap::kNone) {
      run = 0;
      before = place;
      continue;
    }
    told += static_cast<double>(texts_.word_idf(word));
    if (is_held_[place] == 0) {
      is_held_[place] = 1;
      held += static_cast<double>(weights_[place]);
    }
    const bool follows = before != SmallMap::kNone && before + 1 < words_.size() && words_[before + 1] == word;
    run = follows ? run + 1 : 1;
    if (follows) ++pairs;
    longest = std::max(longest, run);
    before = follows ? before + 1 : place;
  }
  const auto size = static_cast<float>(words_.size());
  match.covered = weight_ > 0 ? static_cast<float>(held / weight_) : 0;
  match.told = all > 0 ? std::min(1.0F, static_cast<float>(told) / all) : 0;
  match.run = std::min(1.0F, static_cast<float>(longest) / size);
  match.ordered = words_.size() < 2 ? match.run : std::min(1.0F, static_cast<float>(pairs) / (size - 1));
  const auto is = [](bool holds) { return holds ? 1.0F : 0.0F; };
  const auto is_in = [&](std::size_t i) {
    const std::uint32_t place = words_[i] == Vectorizer::kUnknownWord ? SmallMap::kNone : places_.find(words_[i]);
    return place != SmallMap::kNone && is_held_[place] != 0;
  };
  match.has_last = is(is_in(words_.size() - 1));
  match.same_last = is(words_.back() == text.back() && text.back() != Vectorizer::kUnknownWord);
  match.same_first = is(words_.front() == text.front() && text.front() != Vectorizer::kUnknownWord);
  match.is_equal = is(longest == words_.size() && text.size() == words_.size());
  match.heaviest = is(is_in(heaviest_));
  if (numbers_ == 0) return;
  std::size_t agreed = 0;
  for (std::size_t i = 0; i < words_.size(); ++i)
    if (is_number_[i] != 0 && is_in(i)) ++agreed;
  match.numbers = static_cast<float>(agreed) / static_cast<float>(numbers_);
  match.contradicts =
      is(agreed == 0 && std::ranges::any_of(text, [&](std::uint32_t word) { return texts_.is_number(word); }));
}

void TextMatcher::match_links(std::span<const std::uint32_t> text, float all, TextMatch& match) const {
  float weighed = 0;
  for (const std::uint32_t word : text) {
    const std::uint32_t place = link_places_.find(word);
    if (place == SmallMap::kNone) continue;
    match.linked_word = std::max(match.linked_word, linked_[place]);
    match.linked_sum += linked_[place];
    weighed += linked_[place] * texts_.word_idf(word);
  }
  match.linked_mean = all > 0 ? weighed / all : 0;
}

void TextMatcher::match_grams(LabelId label, TextMatch& match) {
  const std::span<const std::uint32_t> text = texts_.grams(label);
  const float all = texts_.gram_weight(label);
  match.grams = static_cast<std::uint32_t>(text.size());
  // Branches on a gram would be unpredictable: the filter packs the grams that count, and each adds to all lanes.
  std::size_t packed = 0;
  for (const std::uint32_t gram : text) {
    probable_[packed] = gram;
    packed += gram_places_.may_hold(gram) ? 1 : 0;
  }
  std::array<double, kHolders> held{};  // weight that the query and the leaders hold, too
  for (const std::uint32_t gram : std::span(probable_).first(packed)) {
    const std::uint32_t place = gram_places_.find(gram);
    if (place == SmallMap::kNone) continue;
    const HolderWeights& weights = gram_weights_[place];
    for (std::size_t lane = 0; lane < kHolders; ++lane)
      held[lane] += static_cast<double>(weights[lane]);
  }
  match.grams_covered = gram_weight_ > 0 ? static_cast<float>(held[0] / gram_weight_) : 0;
  match.grams_told = all > 0 ? std::min(1.0F, static_cast<float>(held[0]) / all) : 0;
  float sum = 0, weights = 0;
  for (std::size_t i = 0; i < leaders_.size(); ++i) {
    if (leaders_[i].label == label) continue;
    const float other = texts_.gram_weight(leaders_[i].label);
    const float like =
        all > 0 && other > 0 ? std::min(1.0F, static_cast<float>(held[1 + i]) / std::sqrt(all * other)) : 0;
    sum += leaders_[i].weight * like;
    weights += leaders_[i].weight;
    match.like_a_leader = std::max(match.like_a_leader, like);
  }
  match.like_leaders = weights > 0 ? sum / weights : 0;
}

}  // namespace xmr
