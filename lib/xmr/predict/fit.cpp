#include "xmr/predict/fit.hpp"

#include <string>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

void require_fit(const XrLinearModel& model, const MatrixFile& x) {
  const std::string hint = fmt::format("make X with the vectorizer that {} was trained with", model.name());
  if (x.view().cols != model.features())
    throw DataError(x.name(), fmt::format("{} features, the model has {}", x.view().cols, model.features()), hint);
  const auto made_by = x.content().find("vectorizer");
  if (made_by == x.content().end() || model.vectorizer() == nullptr) return;
  const std::string expected = model.vectorizer()->fingerprint();
  if (*made_by != expected)
    throw DataError(x.name(), fmt::format("made by vectorizer {}, the model's is {}", made_by->dump(), expected), hint);
}

}  // namespace xmr
