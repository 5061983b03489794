#include "xmr/predict/query_reader.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "xmr/predict/completion_model.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

QueryReader::QueryReader(const ModelSet& models, const CorpusColumns& columns, InvalidUtf8 invalid_utf8,
                         unsigned threads) {
  std::vector<std::string> fingerprints;  // [space]
  const CompletionModel* const completion = models[0].capabilities().completion;
  for (std::size_t i = 0; completion == nullptr && i < models.size(); ++i) {
    const Vectorizer* const vectorizer = models[i].vectorizer();
    if (vectorizer == nullptr)
      throw ConfigError(fmt::format("{}: the model holds no vectorizer, so it cannot read text", models[i].name()),
                        "give it features with -x X.npz, or train it with -f vec.npz");
    const std::string fingerprint = models.size() == 1 ? "" : vectorizer->fingerprint();
    const auto space = std::ranges::find(fingerprints, fingerprint);
    spaces_.of_model.push_back(static_cast<std::size_t>(space - fingerprints.begin()));
    if (space != fingerprints.end()) continue;
    fingerprints.push_back(fingerprint);
    spaces_.sizes.push_back(vectorizer->features());
    vectorizers_.push_back(vectorizer);
  }
  spaces_.check();
  if (columns.has("id")) ids_.emplace(columns, invalid_utf8, std::vector<std::string>{"id"});
  workers_.resize(threads);
  for (Worker& worker : workers_) {
    if (completion != nullptr) {
      std::vector<std::string> wanted = {"prefix", "previous"};
      for (std::size_t i = 0; i < kMaxEarlier; ++i)
        if (const std::string name = fmt::format("previous{}", i + 2); columns.has(name)) wanted.push_back(name);
      TextReader& texts = worker.texts.emplace(TextReader{.columns = RowReader(columns, invalid_utf8, wanted),
                                                          .prefix = QueryNormalizer(completion->form()),
                                                          .previous = {}});
      for (std::size_t i = 1; i < wanted.size(); ++i)
        texts.previous.emplace_back(completion->form());
    }
    if (models[0].capabilities().retrieval != nullptr)
      worker.text.emplace(columns, invalid_utf8, std::vector<std::string>{"text"});
    for (const Vectorizer* vectorizer : vectorizers_)
      worker.features.push_back({RowReader(columns, invalid_utf8, vectorizer->columns()), {}});
  }
}

Query QueryReader::read(LinePlace place, std::string_view line, unsigned worker) {
  auto& [readers, texts, text, joined] = workers_[worker];
  if (text) return {.features = {}, .text = text->read(place, line)[0]};
  const auto features = [&, &reader_of = readers](std::size_t space) {
    FeatureReader& reader = reader_of[space];
    return vectorizers_[space]->apply(reader.columns.read(place, line), reader.scratch);
  };
  if (texts) {
    const std::span<const std::string_view> read = texts->columns.read(place, line);
    Query query{.previous = texts->previous[0].query(read[1]), .prefix = texts->prefix.prefix(read[0])};
    for (std::size_t i = 1; i < texts->previous.size(); ++i)
      query.earlier[i - 1] = texts->previous[i].query(read[i + 1]);
    return query;
  }
  if (readers.size() == 1) return {.features = features(0)};
  joined.clear();
  for (std::size_t space = 0; space < readers.size(); ++space)
    joined.append(features(space), spaces_.sizes[space]);
  return {.features = joined.row()};
}

}  // namespace xmr
