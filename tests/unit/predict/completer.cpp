#include "xmr/predict/completer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "xmr/complete/prefix.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/plain_words.hpp"
#include "support/random_completions.hpp"

using namespace xmr;

namespace {

// The best `n` of all labels with the prefix by a count, equal ones by label.
template <class Count>
std::vector<LabelId> most(const std::vector<LabelId>& among, std::size_t n, const Count& count) {
  std::vector<LabelId> sorted = among;
  std::ranges::stable_sort(sorted, [&](LabelId a, LabelId b) { return count(a) > count(b); });
  if (sorted.size() > n) sorted.resize(n);
  return sorted;
}

using RankedCompletions = std::vector<std::pair<double, LabelId>>;

// Everything counted by looking at every label. `allowed`: by label.
RankedCompletions plain_completions(const test::RandomCompletions& sample, const std::string& previous,
                                    const std::string& typed, const std::string& prefix, SparseRow by_tree,
                                    CompletionSource source, const std::vector<bool>& allowed,
                                    const std::array<std::string, kMaxEarlier>& earlier) {
  const std::vector<std::string>& keys = sample.keys();
  const Popular& popular = sample.model->popular();
  const bool reads_pairs =
      source == CompletionSource::pairs || source == CompletionSource::words || source == CompletionSource::fused;
  const bool reads_words = source == CompletionSource::fused || source == CompletionSource::words;
  const test::PlainWords words = test::plain_words(typed);
  CompletionContext context{.previous = previous,
                            .prefix = prefix,
                            .is_known = sample.is_known(previous),
                            .is_begun = typed == prefix,
                            .dropped = typed.size() - prefix.size(),
                            .finished = words.words.size() - (words.is_open ? 1 : 0)};
  // Returns true if a label that does not begin with the typed text holds its words.
  const auto has_words = [&](LabelId label) {
    return reads_words && !keys[label].starts_with(typed) && test::plain_place(typed, keys[label]);
  };
  std::vector<LabelId> completions, followed, company;
  for (LabelId label = 0; label < keys.size(); ++label) {
    const bool completes = keys[label].starts_with(prefix);
    if (keys[label] < previous) ++context.place;
    if (keys[label] < prefix || (completes && keys[label] < previous)) context.before += popular.count(label);
    if (!completes) continue;
    if (allowed[label]) completions.push_back(label);
    context.popularity += popular.count(label);
    context.pairs += sample.pairs(previous, label);
    context.together += sample.together(previous, label);
    if (!allowed[label]) continue;
    if (reads_pairs && sample.pairs(previous, label) > 0) followed.push_back(label);
    if (source == CompletionSource::fused && sample.together(previous, label) > 0) company.push_back(label);
  }
  context.begun_pairs = context.pairs;
  if (by_tree.size() > 0) context.best_score = by_tree.values.front();
  std::map<LabelId, CompletionCandidate> candidates;
  const std::size_t listed = Completer::kListed;
  for (const LabelId label : most(completions, listed, [&](LabelId l) { return popular.count(l); }))
    candidates[label] = {};
  for (const LabelId label : most(followed, listed, [&](LabelId l) { return sample.pairs(previous, l); }))
    candidates[label] = {};
  for (const LabelId label : most(company, listed, [&](LabelId l) { return sample.together(previous, l); }))
    candidates[label] = {};
  for (std::size_t i = 0; source == CompletionSource::fused && i < kMaxEarlier; ++i) {
    if (earlier[i].empty()) continue;
    context.earlier[i] = earlier[i];
    std::vector<LabelId> with_it;
    for (LabelId label = 0; label < keys.size(); ++label) {
      if (!keys[label].starts_with(prefix)) continue;
      context.with_earlier[i] += sample.pairs(earlier[i], label) + sample.together(earlier[i], label);
      if (allowed[label] && sample.together(earlier[i], label) > 0) with_it.push_back(label);
    }
    for (const LabelId label : most(with_it, listed, [&](LabelId l) { return sample.together(earlier[i], l); }))
      candidates[label] = {};
  }
  std::vector<LabelId> all, by_words;
  for (LabelId label = 0; label < keys.size(); ++label) {
    if (!allowed[label]) continue;
    if (!keys[label].starts_with(typed)) all.push_back(label);
    if (has_words(label)) by_words.push_back(label);
  }
  for (const LabelId label : most(by_words, listed, [&](LabelId l) { return popular.count(l); }))
    candidates[label] = {};
  const auto add_counted = [&](const auto& count) {
    std::vector<LabelId> counted = most(all, 64, count);
    std::erase_if(counted, [&](LabelId label) { return count(label) == 0 || !has_words(label); });
    for (const LabelId label : most(counted, listed, count))
      candidates[label] = {};
  };
  add_counted([&](LabelId label) { return sample.pairs(previous, label); });
  if (source == CompletionSource::fused) add_counted([&](LabelId label) { return sample.together(previous, label); });
  for (const int step : {1, -1}) {
    int near = static_cast<int>(context.place) - (step < 0 ? 1 : 0);
    for (int left = 64, found = 0; source == CompletionSource::fused && !previous.empty() && left > 0;
         --left, near += step)
      if (near >= 0 && near < static_cast<int>(keys.size()) && found < 6 && allowed[static_cast<LabelId>(near)] &&
          has_words(static_cast<LabelId>(near))) {
        candidates[static_cast<LabelId>(near)] = {};
        ++found;
      }
  }
  for (std::size_t i = 0; i < std::min(by_tree.size(), listed); ++i) {
    candidates[by_tree.indices[i]].score = by_tree.values[i];
    candidates[by_tree.indices[i]].is_scored = true;
  }
  std::uint64_t popularity = context.popularity;
  if (source == CompletionSource::words) {
    popularity = popular.total({0, static_cast<LabelId>(keys.size())});
    const auto misses = [&](const auto& entry) { return typed != prefix && !has_words(entry.first); };
    if (!std::ranges::all_of(candidates, misses)) std::erase_if(candidates, misses);
  }
  for (auto& [label, candidate] : candidates) {
    candidate.has_words = has_words(label);
    if (!candidate.has_words) continue;
    candidate.word_place = static_cast<std::uint32_t>(*test::plain_place(typed, keys[label]));
    context.pairs += sample.pairs(previous, label);
    context.together += sample.together(previous, label);
  }
  RankedCompletions ranked;
  double sum = 0;
  for (auto& [label, candidate] : candidates) {
    candidate.label = label;
    candidate.count = popular.count(label);
    candidate.pairs = sample.pairs(previous, label);
    candidate.together = sample.together(previous, label);
    for (std::size_t i = 0; i < kMaxEarlier; ++i)
      if (!earlier[i].empty())
        candidate.with_earlier[i] = sample.pairs(earlier[i], label) + sample.together(earlier[i], label);
    for (LabelId other = 0; other < label; ++other)
      candidate.before += popular.count(other);
    double score = candidate.count / (static_cast<double>(popularity) + 1);
    if (source == CompletionSource::pairs || source == CompletionSource::words) score += candidate.pairs;
    if (source == CompletionSource::tree && candidate.is_scored) score += 1 + static_cast<double>(candidate.score);
    if (source == CompletionSource::fused) {
      const CompletionEvidence evidence = EvidenceReader(context)(candidate, keys[label]);
      const auto weights = sample.model->weights(completion_cell(context));
      score = std::exp(std::inner_product(evidence.begin(), evidence.end(), weights.begin(), 0.0));
    }
    sum += score;
    ranked.emplace_back(-score, label);
  }
  std::ranges::sort(ranked);
  for (auto& [score, label] : ranked)
    score = -score / (source == CompletionSource::fused ? sum : 1);
  return ranked;
}

}  // namespace

TEST_CASE("completions are those of counting by hand, from each source") {
  test::RandomCompletions sample;
  const auto source = GENERATE(CompletionSource::fused, CompletionSource::popular, CompletionSource::pairs,
                               CompletionSource::words, CompletionSource::tree);
  // All labels, every second, or about one of twenty.
  const auto one_of = GENERATE(1U, 2U, 20U);
  std::vector<bool> allowed;
  Random random(5);
  for (std::size_t label = 0; label < sample.keys().size(); ++label)
    allowed.push_back(random.below(one_of) == 0);
  const std::vector<bool>* const restriction = one_of == 1 ? nullptr : &allowed;
  Completer complete(*sample.model, 10, {.source = source}, restriction);
  CompletionSearch search(*sample.model, 10, restriction,
                          source == CompletionSource::tree ? 0 : CompletionSearch::kFew);
  const bool searches = source == CompletionSource::fused || source == CompletionSource::tree;
  for (int i = 0; i < 500; ++i) {
    const std::string previous = sample.previous(), typed = sample.text(0, 4);
    const std::string prefix(known_prefix(sample.model->names().keys, typed));
    Query query{.previous = previous, .prefix = typed};
    std::array<std::string, kMaxEarlier> earlier;
    for (std::size_t j = 0; j < kMaxEarlier && i % 2 == 0; ++j) {
      if (random.below(3) > 0) earlier[j] = sample.previous();
      query.earlier[j] = earlier[j];
    }
    const SparseRow found = complete(query);
    const KnownPrefix known{prefix, prefix_range(sample.model->names().keys, prefix)};
    const RankedCompletions expected = plain_completions(
        sample, previous, typed, prefix, searches ? search.rank({&query, 1}, {&known, 1}).row(0) : SparseRow(), source,
        allowed, earlier);
    CAPTURE(previous, typed, prefix);
    REQUIRE(found.size() == std::min<std::size_t>(10, expected.size()));
    for (std::size_t rank = 0; rank < found.size(); ++rank) {
      CAPTURE(rank);
      REQUIRE(found.values[rank] == Approx(expected[rank].first).epsilon(1e-4));
      // Two scores that are nearly equal may stand either way.
      if (found.indices[rank] != expected[rank].second)
        REQUIRE(std::ranges::any_of(expected, [&](const auto& answer) {
          return answer.second == found.indices[rank] && answer.first == Approx(expected[rank].first).epsilon(1e-5);
        }));
      const std::string& key = sample.keys()[found.indices[rank]];
      REQUIRE(allowed[found.indices[rank]]);
      REQUIRE((key.starts_with(prefix) || test::plain_place(typed, key)));
    }
  }
}

TEST_CASE("weights of labels and boosts of categories multiply the odds, blocked words remove answers") {
  test::RandomCompletions sample("\t\t1\todd\t3\n");
  const std::vector<std::string>& keys = sample.keys();
  const auto labels = static_cast<LabelId>(keys.size());
  BlockedWords words;
  words.add("a");
  const BlockedLabels blocked(words, sample.model->names().keys);
  Completer plain(*sample.model, 400, {.boosts = {{"odd", 1.0F / 3}}});
  Completer weighed(*sample.model, 400, {.boosts = {{"odd", 4}}});
  Completer without(*sample.model, 400, {.makes_queries = true, .blocked = &blocked});
  Completer odd(*sample.model, 400, {.source = CompletionSource::popular, .categories = {"odd"}});
  BlockedWords::Search holds(words);
  OtherQueries others(sample.model->first(), sample.model->grams(), sample.model->names().keys);
  for (int i = 0; i < 200; ++i) {
    const std::string previous = sample.previous(), typed = sample.text(1, 3);
    const Query query{.previous = previous, .prefix = typed};
    std::map<LabelId, double> before, after;
    const SparseRow unweighed = plain(query);
    for (std::size_t rank = 0; rank < unweighed.size(); ++rank)
      before[unweighed.indices[rank]] = static_cast<double>(unweighed.values[rank]);
    const SparseRow found = weighed(query);
    for (std::size_t rank = 0; rank < found.size(); ++rank)
      after[found.indices[rank]] = static_cast<double>(found.values[rank]);
    // Label l has category odd and weight 3 if l is odd; with the boost that is 12, for `plain` it is 1.
    std::optional<double> ratio;
    for (const auto& [label, share] : after) {
      REQUIRE(before.contains(label));
      if (before[label] < 1e-6) continue;
      const double factor = share / before[label] / (label % 2 == 1 ? 12 : 1);
      CHECK(factor == Approx(ratio.value_or(factor)).epsilon(1e-3));
      ratio = factor;
    }
    others(previous, typed, true);
    for (const LabelId label : without(query).indices)
      CHECK_FALSE(holds(label < labels ? keys[label] : others.all()[label - labels].text));
    const SparseRow all_odd = odd(query);
    CHECK(std::ranges::all_of(all_odd.indices, [](LabelId label) { return label % 2 == 1; }));
  }
  CHECK_THROWS_AS(Completer(*sample.model, 1, {.categories = {"even"}}), ConfigError);
  for (const float factor : {0.0F, -1.0F, 1e7F})
    CHECK_THROWS_AS(Completer(*sample.model, 1, {.boosts = {{"odd", factor}}}), ConfigError);
}

TEST_CASE("of near-equal answers the most frequent is shown, at the best place, with all of their odds") {
  test::RandomCompletions sample;
  const Popular& popular = sample.model->popular();
  Completer all(*sample.model, 400), distinct(*sample.model, 400, {.shows_distinct = true});
  std::size_t merged = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string previous = sample.previous(), typed = sample.text(0, 2);
    const Query query{.previous = previous, .prefix = typed};
    std::vector<std::pair<double, LabelId>> expected;  // the sum of scores and the label shown, by group
    NearEqual near;
    const SparseRow found = all(query);
    for (std::size_t rank = 0; rank < found.size(); ++rank) {
      const LabelId label = found.indices[rank];
      const std::size_t group = near.group(sample.keys()[label]);
      if (group == expected.size()) expected.emplace_back(0, label);
      expected[group].first += static_cast<double>(found.values[rank]);
      if (popular.count(label) > popular.count(expected[group].second)) expected[group].second = label;
    }
    merged += found.size() - expected.size();
    const SparseRow shown = distinct(query);
    REQUIRE(shown.size() == expected.size());
    std::map<LabelId, double> scores;
    for (const auto& [score, label] : expected)
      scores[label] = score;
    for (std::size_t rank = 0; rank < shown.size(); ++rank) {
      REQUIRE(scores.contains(shown.indices[rank]));
      CHECK(static_cast<double>(shown.values[rank]) == Approx(scores[shown.indices[rank]]).epsilon(1e-4));
      if (rank > 0) CHECK(shown.values[rank] <= shown.values[rank - 1]);
    }
  }
  CHECK(merged > 100);
}

TEST_CASE("queries that are no labels stand among the labels, whose order they do not change") {
  test::RandomCompletions sample;
  const auto labels = static_cast<LabelId>(sample.keys().size());
  Completer with(*sample.model, 200, {.makes_queries = true});
  Completer without(*sample.model, 200);
  OtherQueries others(sample.model->first(), sample.model->grams(), sample.model->names().keys);
  std::size_t added = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string previous = sample.previous(), typed = sample.text(1, 4);
    const Query query{.previous = previous, .prefix = typed};
    others(previous, typed, true);  // few texts of the sample have been asked more than kMaxAsked times
    const SparseRow found = with(query), known = without(query);
    std::vector<LabelId> rest;
    std::set<LabelId> among;
    for (const LabelId label : found.indices) {
      if (label < labels) rest.push_back(label);
      if (label >= labels) among.insert(label - labels);
    }
    CAPTURE(previous, typed);
    CHECK(std::ranges::equal(rest, known.indices));
    CHECK(among.size() == others.all().size());
    if (!among.empty()) CHECK(*among.rbegin() + 1 == others.all().size());
    added += among.size();
  }
  CHECK(added > 100);
}
