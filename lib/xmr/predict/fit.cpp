#include "xmr/predict/fit.hpp"

#include <string>

#include <fmt/format.h>

#include "xmr/lexical/label_documents.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

void require_fit(const RankingModel& model, const MatrixFile& x) {
  const std::string hint = "run xmr-featurize apply with the vectorizer that the model was trained with";
  if (x.view().cols != model.features())
    throw DataError(x.name(), fmt::format("{} features, the model has {}", x.view().cols, model.features()), hint);
  const std::string expected =
      model.vectorizer() == nullptr ? model.vectorizer_fingerprint() : model.vectorizer()->fingerprint();
  const auto made_by = x.content().find("vectorizer");
  if (!expected.empty() && made_by != x.content().end() && *made_by != expected)
    throw DataError(x.name(), fmt::format("was not made with the vectorizer of {}", model.name()), hint);
  if (model.reads_counts()) require_counts(x.view(), x.name());
}

}  // namespace xmr
