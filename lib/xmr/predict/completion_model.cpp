#include "xmr/predict/completion_model.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {

CompletionModel::Counts CompletionModel::view(const SessionTables& tables) {
  return {tables.popular.view(),
          tables.pairs.view(),
          tables.together.view(),
          tables.words.view(),
          tables.grams.view(),
          tables.first.view(),
          tables.recent ? tables.recent->view() : Recent()};
}

CompletionModel::CompletionModel(XrLinearModel linear, Counts counts, const QueryForm& form)
    : name_(linear.name()),
      linear_(std::make_unique<XrLinearModel>(std::move(linear))),
      ranges_(linear_->tree()),
      names_(linear_->names()),
      counts_(std::move(counts)),
      form_(form) {}

CompletionModel::CompletionModel(std::string name, const StoredNames& names, Counts counts, const QueryForm& form)
    : name_(std::move(name)), names_(names), counts_(std::move(counts)), form_(form) {}

CompletionModel::CompletionModel(XrLinearModel linear, const SessionTables& tables, const QueryForm& form)
    : CompletionModel(std::move(linear), view(tables), form) {
  require_fit();
  require_queries();
}

CompletionModel::CompletionModel(std::string name, const StoredNames& names, const SessionTables& tables,
                                 const QueryForm& form)
    : CompletionModel(std::move(name), names, view(tables), form) {
  require_queries();
}

const std::string& CompletionModel::vectorizer_fingerprint() const {
  static const std::string kNone;
  return linear_ ? linear_->vectorizer_fingerprint() : kNone;
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

constexpr std::string_view kModelKind = "model";
constexpr int kModelVersion = 3;  // of models without a linear model; others have its version
constexpr const char* kRemoved = "removed";
constexpr double kLargestWeight = 1e30;  // evidence is at most 1e38, so sums are finite

}  // namespace

void CompletionModel::read_weights(const NpzFile& file) {
  weights_ = file.array<double>("weights");
  if (weights_.size() != kCompletionCells * kCompletionEvidence)
    throw FormatError(file.name(),
                      fmt::format("member weights: {} numbers, {} cells of {} are needed", weights_.size(),
                                  kCompletionCells, kCompletionEvidence),
                      "train it again: xmr-train completion --help");
  if (!std::ranges::all_of(weights_, [](double weight) { return std::fabs(weight) <= kLargestWeight; }))
    throw FormatError(file.name(),
                      fmt::format("member weights: a number is outside {}..{}", -kLargestWeight, kLargestWeight));
}

void CompletionModel::read_controls(const NpzFile& file) {
  catalog_ = LabelCatalog::find(file, "catalog/", labels());
  if (!file.has(kRemoved)) return;
  file.check(kRemoved);
  removed_ = file.array<LabelId>(kRemoved);
  if (!std::ranges::is_sorted(removed_) || (!removed_.empty() && removed_.back() >= labels()))
    throw FormatError(file.name(), fmt::format("member {}: no increasing labels below {}", kRemoved, labels()));
}

CompletionModel CompletionModel::open(NpzFile opened) {
  const auto counts_of = [](const NpzFile& file, std::uint64_t labels) {
    if (!file.has("first/texts/bytes"))
      throw FormatError(file.name(), "a completion model of an older version, without first queries",
                        "train it again: xmr-train completion --help");
    const PairCounts pairs = PairCounts::read(file, "pairs/", labels);
    return Counts{.popular = Popular::read(file, "popular/", labels),
                  .pairs = pairs,
                  .together = PairCounts::read(file, "together/", labels, pairs),
                  .words = WordIndex::read(file, "words/", labels),
                  .grams = QueryGrams::read(file, "grams/"),
                  .first = FirstQueries::read(file, "first/", pairs),
                  .recent = Recent::find(file, "recent/", labels)};
  };
  const auto form_of = [](const NpzFile& file) {
    const auto options = meta_value<Json>(file, file.meta().content, "completion");
    return QueryForm{meta_value<bool>(file, options, "fold_case"),
                     meta_named<Punctuation>(file, options, "punctuation")};
  };
  if (!opened.meta().content.contains("levels")) {
    const auto file = std::make_shared<const NpzFile>(std::move(opened));
    file->require_kind(kModelKind, kModelVersion);
    const std::uint64_t labels = meta_count(*file, file->meta().content, "labels", kMaxColumns);
    const StoredNames names = read_stored_names(*file, labels);
    if (names.empty()) throw FormatError(file->name(), "the model has no label names");
    CompletionModel model(file->name(), names, counts_of(*file, labels), form_of(*file));
    model.read_weights(*file);
    model.read_controls(*file);
    model.file_ = file;
    return model;
  }
  XrLinearModel linear = XrLinearModel::open(std::move(opened), kType);
  Counts counts = counts_of(linear.file(), linear.labels());
  const QueryForm form = form_of(linear.file());
  CompletionModel model(std::move(linear), std::move(counts), form);
  model.read_weights(model.linear_->file());
  model.read_controls(model.linear_->file());
  try {
    model.require_fit();
  } catch (const DataError& error) {
    throw FormatError(model.name(), error.what());
  }
  return model;
}

void write_tables(NpzWriter& out, const SessionTables& tables) {
  // The tables that are looked up by the previous query share their texts.
  std::set<std::string_view> increasing;
  for (const PairTable* table : {&tables.pairs, &tables.together, &tables.first.before()})
    for (std::size_t i = 0; i < table->previous.size(); ++i)
      increasing.insert(table->previous.view()[i]);
  StringTableBuilder texts;
  for (const std::string_view text : increasing)
    texts.add(text);
  tables.popular.write(out, "popular/");
  texts.write(out, "pairs/previous/");
  tables.pairs.write_counts(out, "pairs/", texts.view());
  tables.together.write_counts(out, "together/", texts.view());
  tables.words.write(out, "words/");
  tables.grams.write(out, "grams/");
  tables.first.write(out, "first/", texts.view());
  if (tables.recent) tables.recent->write(out, "recent/");
}

void write_model(NpzWriter out, const CompletionModel& model, const SessionTables& tables,
                 const LabelCatalogTable& catalog, std::span<const double> weights, Json options) {
  const XrLinearModel* const linear = model.linear();
  if (linear != nullptr)
    out.add_arrays(linear->file());
  else
    write_stored_names(out, model.names(), model.labels());
  write_tables(out, tables);
  out.add("weights", weights);
  if (!catalog.empty()) catalog.write(out, "catalog/");
  Meta meta = linear != nullptr ? linear->file().meta()
                                : Meta{std::string(kModelKind), kModelVersion, Json{{"labels", model.labels()}}};
  meta.content["type"] = CompletionModel::kType;
  options["fold_case"] = model.form().fold_case;
  options["punctuation"] = name_of(model.form().punctuation);
  meta.content["completion"] = std::move(options);
  meta.tool_version = std::string(version());
  out.commit(meta);
}

}  // namespace xmr
