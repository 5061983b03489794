#include "xmr/predict/text_instances.hpp"

#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

TextInstances::TextInstances(const XrLinearModel& model, CorpusColumns columns, InvalidUtf8 invalid_utf8,
                             unsigned threads)
    : vectorizer_(model.vectorizer()), columns_(std::move(columns)), invalid_utf8_(invalid_utf8) {
  if (vectorizer_ == nullptr)
    throw ConfigError(fmt::format("{}: the model holds no vectorizer, so it cannot read text", model.name()),
                      "give it features with -x X.npz, or train it with -f vec.npz");
  for (const std::string& name : vectorizer_->columns())
    positions_.push_back(columns_.find(name));
  for (unsigned worker = 0; worker < threads; ++worker) {
    workers_.emplace_back();
    workers_.back().fields.resize(columns_.size());
    workers_.back().texts.resize(positions_.size());
  }
}

SparseRow TextInstances::read(LinePlace place, std::string_view line, unsigned worker) {
  auto& [fields, texts, scratch] = workers_[worker];
  columns_.split(place, line, fields);
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    texts[i] = fields[positions_[i]];
    if (invalid_utf8_ == InvalidUtf8::refuse) require_utf8(place, texts[i]);
  }
  return vectorizer_->apply(texts, scratch);
}

}  // namespace xmr
