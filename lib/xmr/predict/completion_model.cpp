#include "xmr/predict/completion_model.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "xmr/io/meta_values.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {

CompletionModel::CompletionModel(XrLinearModel linear, Popular popular, PairCounts pairs, PairCounts together,
                                 WordIndex words, const QueryForm& form)
    : linear_(std::make_unique<XrLinearModel>(std::move(linear))),
      ranges_(linear_->tree()),
      popular_(std::move(popular)),
      pairs_(pairs),
      together_(together),
      words_(std::move(words)),
      form_(form) {}

CompletionModel::CompletionModel(XrLinearModel linear, const SessionTables& tables, const QueryForm& form)
    : CompletionModel(std::move(linear), tables.popular.view(), tables.pairs.view(), tables.together.view(),
                      tables.words.view(), form) {
  require_fit();
  require_queries();
}

void CompletionModel::require_queries() const {
  const StringTable& keys = names().keys;
  for (LabelId label = 1; label < keys.size(); ++label)
    if (keys[label] <= keys[label - 1])
      throw DataError(name(), fmt::format("label {}, {}, stands behind {}, but keys must increase bytewise", label,
                                          quote(keys[label]), quote(keys[label - 1])));
  QueryNormalizer normal(form_);
  for (LabelId label = 0; label < keys.size(); ++label)
    if (const std::string_view query = normal.query(keys[label]); query != keys[label])
      throw DataError(name(),
                      fmt::format("label {}, {}, would be asked as {}", label, quote(keys[label]), quote(query)),
                      "--keep-case and --punctuation as they were given to xmr-featurize sessions");
}

void CompletionModel::require_fit() const {
  if (names().empty()) throw DataError(name(), "the model has no label names", "train it with --labels");
  if (vectorizer() == nullptr) throw DataError(name(), "the model holds no vectorizer", "train it with -f");
  for (const std::string& column : vectorizer()->columns())
    if (column != "previous" && column != "prefix")
      throw DataError(name(),
                      fmt::format("its vectorizer reads column {}, not previous and prefix only", quote(column)));
}

namespace {

constexpr double kLargestWeight = 1e30;  // evidence is at most 1e38, so sums are finite

}  // namespace

CompletionModel CompletionModel::open(NpzFile opened) {
  XrLinearModel linear = XrLinearModel::open(std::move(opened), kType);
  const NpzFile& file = linear.file();
  Popular popular = Popular::read(file, "popular/", linear.labels());
  const PairCounts pairs = PairCounts::read(file, "pairs/", linear.labels());
  const PairCounts together = PairCounts::read(file, "together/", linear.labels());
  if (!file.has("words/labels"))
    throw FormatError(file.name(), "a completion model of an older version, without words",
                      "train it again: xmr-train completion --help");
  WordIndex words = WordIndex::read(file, "words/", linear.labels());
  const auto weights = file.array<double>("weights");
  if (weights.size() != kCompletionCells * kCompletionEvidence)
    throw FormatError(file.name(), fmt::format("member weights: {} numbers, {} cells of {} are needed", weights.size(),
                                               kCompletionCells, kCompletionEvidence));
  if (!std::ranges::all_of(weights, [](double weight) { return std::fabs(weight) <= kLargestWeight; }))
    throw FormatError(file.name(),
                      fmt::format("member weights: a number is outside {}..{}", -kLargestWeight, kLargestWeight));
  const auto options = meta_value<nlohmann::ordered_json>(file, file.meta().content, "completion");
  const QueryForm form{meta_value<bool>(file, options, "fold_case"),
                       meta_named<Punctuation>(file, options, "punctuation")};
  CompletionModel model(std::move(linear), std::move(popular), pairs, together, std::move(words), form);
  model.weights_ = weights;
  try {
    model.require_fit();
  } catch (const DataError& error) {
    throw FormatError(model.name(), error.what());
  }
  return model;
}

void write_model(NpzWriter out, const CompletionModel& model, const SessionTables& tables,
                 std::span<const double> weights, nlohmann::ordered_json options) {
  const NpzFile& linear = model.linear().file();
  out.add_arrays(linear);
  tables.popular.write(out, "popular/");
  tables.pairs.write(out, "pairs/");
  tables.together.write(out, "together/");
  tables.words.write(out, "words/");
  out.add("weights", weights);
  Meta meta = linear.meta();
  (*meta.content)["type"] = CompletionModel::kType;
  options["fold_case"] = model.form().fold_case;
  options["punctuation"] = name_of(model.form().punctuation);
  (*meta.content)["completion"] = std::move(options);
  meta.tool_version = std::string(version());
  out.commit(meta);
}

}  // namespace xmr
