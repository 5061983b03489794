#include "xmr/predict/completion_model.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {

CompletionModel::CompletionModel(XrLinearModel linear, Popular popular, PairCounts pairs)
    : linear_(std::make_unique<XrLinearModel>(std::move(linear))),
      ranges_(linear_->tree()),
      popular_(std::move(popular)),
      pairs_(pairs) {}

CompletionModel::CompletionModel(XrLinearModel linear, const PopularTable& popular, const PairTable& pairs)
    : CompletionModel(std::move(linear), popular.view(), pairs.view()) {
  require_fit();
  const StringTable& keys = names().keys;
  for (LabelId label = 1; label < keys.size(); ++label)
    if (keys[label] <= keys[label - 1])
      throw DataError(name(), fmt::format("label {}, {}, stands behind {}, but keys must increase bytewise", label,
                                          quote(keys[label]), quote(keys[label - 1])));
}

void CompletionModel::require_fit() const {
  if (names().empty()) throw DataError(name(), "the model has no names of labels", "train it with --labels");
  if (vectorizer() == nullptr) throw DataError(name(), "the model holds no vectorizer", "train it with -f");
  for (const std::string& column : vectorizer()->columns())
    if (column != "previous" && column != "prefix")
      throw DataError(name(),
                      fmt::format("its vectorizer reads column {}, not previous and prefix only", quote(column)));
}

CompletionModel CompletionModel::open(NpzFile opened) {
  XrLinearModel linear = XrLinearModel::open(std::move(opened), kType);
  const NpzFile& file = linear.file();
  Popular popular = Popular::read(file, "popular/", linear.labels());
  const PairCounts pairs = PairCounts::read(file, "pairs/", linear.labels());
  const auto weights = file.array<double>("weights");
  if (weights.size() != kCompletionCells * kCompletionEvidence)
    throw FormatError(file.name(), fmt::format("member weights: {} numbers, {} cells of {} are needed", weights.size(),
                                               kCompletionCells, kCompletionEvidence));
  CompletionModel model(std::move(linear), std::move(popular), pairs);
  model.weights_ = weights;
  try {
    model.require_fit();
  } catch (const DataError& error) {
    throw FormatError(model.name(), error.what());
  }
  return model;
}

void write_model(NpzWriter out, const CompletionModel& model, const PopularTable& popular, const PairTable& pairs,
                 std::span<const double> weights, nlohmann::ordered_json options) {
  const NpzFile& linear = model.linear().file();
  out.add_arrays(linear);
  popular.write(out, "popular/");
  pairs.write(out, "pairs/");
  out.add("weights", weights);
  Meta meta = linear.meta();
  meta.content["type"] = CompletionModel::kType;
  meta.content["completion"] = std::move(options);
  meta.tool_version = std::string(version());
  out.commit(meta);
}

}  // namespace xmr
