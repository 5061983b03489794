#pragma once
// A completion model of random queries, counts and weights, with the counts in maps beside it.

#include <cstdint>
#include <fstream>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/io/json.hpp"
#include "xmr/model/chunk_builder.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/util/random.hpp"

#include "support/temporary_directory.hpp"

namespace xmr::test {

// 150 queries of few characters in a tree of two levels, weights and counts at random.
class RandomCompletions {
 public:
  // `rest`: behind the key of each label with an odd number in labels.txt; empty: the model has no catalog.
  explicit RandomCompletions(const std::string& rest = {}) {
    while (texts_.size() < kLabels)
      texts_.insert(text(2, 6));
    keys_.assign(texts_.begin(), texts_.end());
    std::vector<std::uint32_t> counts;
    for (std::uint64_t i = 0; i < kLabels; ++i)
      counts.push_back(static_cast<std::uint32_t>(random_.below(5)));
    PairCounter counter, company;
    for (int i = 0; i < 2000; ++i) {
      // One previous query is followed by more labels than are listed.
      const std::string& previous = i % 3 == 0 ? keys_[0] : keys_[random_.below(30)];
      const auto next = static_cast<LabelId>(random_.below(kLabels));
      counter.add(previous, next);
      ++pairs_[previous][next];
      const std::string& other = keys_[random_.below(30)];
      const auto near = static_cast<LabelId>(random_.below(kLabels));
      company.add(other, near);
      ++together_[other][near];
    }
    StringTableBuilder table;
    for (const std::string& key : keys_)
      table.add(key);
    QueryGramCounter grams;
    for (int i = 0; i < 100; ++i)
      grams.add(text(2, 8));
    FirstQueryCounter first;
    for (int i = 0; i < 100; ++i) {
      const std::string query = text(2, 8);
      first.add(query);
      first.add_before(keys_[random_.below(40)], query);
    }
    const SessionTables tables{PopularTable(counts), counter.table(),
                               company.table(),      WordIndexTable(table.view(), counts),
                               grams.table(),        first.table(table.view(), 1)};
    std::vector<double> weights;
    for (std::size_t i = 0; i < kCompletionCells * kCompletionEvidence; ++i)
      weights.push_back(random_.uniform() - 0.5);
    write_linear();
    const CompletionModel parts(XrLinearModel::open(folder_ / "linear.npz"), tables, {});
    write_model(NpzWriter(folder_ / "model.npz"), parts, tables, catalog(rest, table.view()), weights, {});
    model.emplace(CompletionModel::open(folder_ / "model.npz"));
  }

  std::string text(std::uint64_t shortest, std::uint64_t longest) {
    std::string text;
    for (std::uint64_t n = shortest + random_.below(longest - shortest + 1); n > 0; --n)
      text += "abcd-"[random_.below(5)];
    return text;
  }
  std::string previous() { return random_.below(4) == 0 ? text(0, 5) : keys_[random_.below(40)]; }
  std::uint32_t pairs(const std::string& previous, LabelId next) const { return count(pairs_, previous, next); }
  std::uint32_t together(const std::string& previous, LabelId label) const { return count(together_, previous, label); }
  bool is_known(const std::string& previous) const { return pairs_.contains(previous); }
  const std::vector<std::string>& keys() const { return keys_; }

  std::optional<CompletionModel> model;

 private:
  static constexpr std::uint64_t kLabels = 150;
  using Counts = std::map<std::string, std::map<LabelId, std::uint32_t>>;

  static std::uint32_t count(const Counts& counts, const std::string& previous, LabelId label) {
    const auto found = counts.find(previous);
    if (found == counts.end()) return 0;
    const auto of_label = found->second.find(label);
    return of_label == found->second.end() ? 0 : of_label->second;
  }

  LabelCatalogTable catalog(const std::string& rest, const StringTable& keys) const {
    if (rest.empty()) return {};
    std::ofstream file(folder_ / "labels.txt");
    for (std::size_t label = 0; label < keys_.size(); ++label)
      file << keys_[label] << (label % 2 == 1 ? rest : "\n");
    file.close();
    return {"labels.txt", LabelNames::read(folder_ / "labels.txt"), keys};
  }

  void write_linear() {
    VectorizerOptions options;
    options.blocks = {parse_block(GramKind::char_, "1-2:column=previous", {}),
                      parse_block(GramKind::char_, "1-2:column=prefix", {})};
    VectorizerFit fit(options, 1);
    for (const std::string& key : keys_)
      fit.add(std::vector<std::string_view>{key, key}, 0);
    Parallel parallel(1);
    const Vectorizer vectorizer = fit.finish(parallel);
    LabelNames names;
    for (const std::string& key : keys_)
      names.add(key, {}, 0);
    std::vector<LabelId> placed(kLabels);
    std::iota(placed.begin(), placed.end(), LabelId{0});
    for (std::size_t i = placed.size(); i > 1; --i)
      std::swap(placed[i - 1], placed[random_.below(i)]);
    std::vector<LevelChunks> levels(2);
    const auto add_parent = [&](LevelChunks& level, NodeId children) {
      ChunkBuilder builder(children, vectorizer.features(), WeightType::f2);
      for (NodeId child = 0; child < children; ++child) {
        std::vector<ChildWeight> weights;
        for (FeatureId feature = 0; feature < vectorizer.features(); ++feature)
          if (random_.below(2) == 0) weights.push_back({feature, static_cast<float>(random_.uniform()) - 0.5F});
        builder.add(child, weights);
      }
      builder.finish(level.emplace_back());
    };
    add_parent(levels[0], 15);
    for (int parent = 0; parent < 15; ++parent)
      add_parent(levels[1], 10);
    std::vector<NodeId> ends(16);
    for (NodeId node = 0; node < ends.size(); ++node)
      ends[node] = 10 * node;
    write_model(NpzWriter(folder_ / "linear.npz"), {.tree = LabelTree({{0, 15}, ends}, placed),
                                                    .features = vectorizer.features(),
                                                    .weight_type = WeightType::f2,
                                                    .levels = levels,
                                                    .defaults = {},
                                                    .vectorizer = &vectorizer,
                                                    .vectorizer_fingerprint = vectorizer.fingerprint(),
                                                    .names = names.stored(),
                                                    .options = {}});
  }

  test::TemporaryDirectory folder_;
  Random random_{11};
  std::set<std::string> texts_;
  std::vector<std::string> keys_;
  Counts pairs_, together_;
};

}  // namespace xmr::test
