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
    if (const CompletionModel* completion = models[0].completion())
      worker.request.emplace(RequestReader{.columns = RowReader(columns, invalid_utf8, {"previous", "prefix"}),
                                           .previous = QueryNormalizer(completion->form()),
                                           .prefix = QueryNormalizer(completion->form()),
                                           .texts = {}});
    for (const Vectorizer* vectorizer : vectorizers_)
      worker.readers.push_back({RowReader(columns, invalid_utf8, vectorizer->columns()), {}});
  }
}

Query TextInstances::request(LinePlace place, std::string_view line, unsigned worker) {
  RequestReader& request = *workers_[worker].request;
  const std::span<const std::string_view> texts = request.columns.read(place, line);
  return {.features = {}, .previous = request.previous.query(texts[0]), .prefix = request.prefix.prefix(texts[1])};
}

Query TextInstances::read(LinePlace place, std::string_view line, unsigned worker) {
  auto& [readers, request, joined] = workers_[worker];
  const auto features = [&, &reader_of = readers](std::size_t space) {
    Reader& reader = reader_of[space];
    return vectorizers_[space]->apply(reader.columns.read(place, line), reader.scratch);
  };
  if (request) {
    Query query = this->request(place, line, worker);
    request->texts.clear();
    for (const std::string& column : vectorizers_[0]->columns())
      request->texts.push_back(column == "previous" ? query.previous : query.prefix);
    query.features = vectorizers_[0]->apply(request->texts, readers[0].scratch);
    return query;
  }
  if (readers.size() == 1) return {.features = features(0)};
  joined.clear();
  for (std::size_t space = 0; space < readers.size(); ++space)
    joined.append(features(space), spaces_.sizes[space]);
  return {.features = joined.row()};
}

}  // namespace xmr
