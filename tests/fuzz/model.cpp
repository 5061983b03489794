// A model of any kind, and its answers.
#include <memory>
#include <numeric>
#include <optional>
#include <vector>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/predict/query_reader.hpp"

#include "fuzz/fuzz.hpp"

namespace {

void answer_text(const xmr::ModelSet& models) {
  xmr::QueryReader reader(models, xmr::CorpusColumns(models.text_columns()), xmr::InvalidUtf8::replace, 1);
  const auto rank = models.ranker({.k = 5}, reader.spaces(), {});
  for (const char* line : {"electric kettle", "kettle\tec", "\t", "desk lamp\tk"}) {
    try {
      (*rank)(reader.read({"text", 1}, line, 0));
    } catch (const xmr::DataError&) {  // another number of columns
    }
  }
}

void answer_features(const xmr::RankingModel& model) {
  std::vector<std::uint32_t> features(std::min<std::uint64_t>(model.features(), 200));
  std::iota(features.begin(), features.end(), 0);
  const std::vector<float> values(features.size(), 1);
  const auto rank = model.ranker({.k = 5});
  (*rank)({.features = {features, values}});
}

}  // namespace

FUZZ(bytes) {
  static MemoryFile file;
  const xmr::ModelSet models({file.holding(with_right_checksums(bytes))});
  if (models[0].vectorizer() != nullptr) answer_text(models);
  const xmr::ModelCapabilities can = models[0].capabilities();
  if (can.completion == nullptr && can.retrieval == nullptr) answer_features(models[0]);
  for (std::uint32_t label = 0; label < models.names().keys.size(); ++label)
    models.names().text(label);
}
