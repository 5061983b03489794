#include "xmr/predict/text_instances.hpp"

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

TextInstances::TextInstances(const RankingModel& model, const CorpusColumns& columns, InvalidUtf8 invalid_utf8,
                             unsigned threads)
    : vectorizer_(model.vectorizer()) {
  if (vectorizer_ == nullptr)
    throw ConfigError(fmt::format("{}: the model holds no vectorizer, so it cannot read text", model.name()),
                      "give it features with -x X.npz, or train it with -f vec.npz");
  for (unsigned worker = 0; worker < threads; ++worker)
    workers_.push_back({RowReader(columns, invalid_utf8, vectorizer_->columns()), {}});
}

Query TextInstances::read(LinePlace place, std::string_view line, unsigned worker) {
  auto& [reader, scratch] = workers_[worker];
  return {vectorizer_->apply(reader.read(place, line), scratch)};
}

}  // namespace xmr
