#include "xmr/predict/text_instances.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

TextInstances::TextInstances(const ModelSet& models, const CorpusColumns& columns, InvalidUtf8 invalid_utf8,
                             unsigned threads) {
  std::vector<std::string> fingerprints;  // of the spaces
  for (std::size_t i = 0; i < models.size(); ++i) {
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
  workers_.resize(threads);
  for (Worker& worker : workers_) {
    if (models[0].completes())
      worker.request.emplace(columns, invalid_utf8, std::vector<std::string>{"previous", "prefix"});
    for (const Vectorizer* vectorizer : vectorizers_)
      worker.readers.push_back({RowReader(columns, invalid_utf8, vectorizer->columns()), {}});
  }
}

Query TextInstances::read(LinePlace place, std::string_view line, unsigned worker) {
  auto& [readers, request, joined] = workers_[worker];
  const auto features = [&, &reader_of = readers](std::size_t space) {
    Reader& reader = reader_of[space];
    return vectorizers_[space]->apply(reader.columns.read(place, line), reader.scratch);
  };
  if (request) {
    const std::span<const std::string_view> texts = request->read(place, line);
    return {.features = features(0), .previous = texts[0], .prefix = texts[1]};
  }
  if (readers.size() == 1) return {.features = features(0)};
  joined.clear();
  for (std::size_t space = 0; space < readers.size(); ++space)
    joined.append(features(space), spaces_.sizes[space]);
  return {.features = joined.row()};
}

}  // namespace xmr
