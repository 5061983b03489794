#include "xmr/serve/model_session.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/lexical/label_documents.hpp"
#include "xmr/predict/rescored_ranker.hpp"
#include "xmr/serve/request_error.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/quote.hpp"

namespace xmr::serve {
namespace {

// The line of a query. It is not the first one, which might be a header.
constexpr LinePlace kPlace = {"query", 2};

// Returns the changes of scores that are asked for.
Rescoring rescoring_of(const RankingModel& model, const RankSettings& settings) {
  Rescoring rescoring{.min_score = settings.min_score};
  // A calibration is valid only for the scores that it was fitted to: the scores of all sources.
  const bool scores_otherwise = settings.source && *settings.source != RankRequest().completion.source;
  if (const Calibration* calibration = model.calibration(); calibration != nullptr && !scores_otherwise) {
    rescoring.calibration = calibration;
    rescoring.thresholds = calibration->thresholds();
  }
  return rescoring;
}

RankRequest request_of(const RankSettings& settings, const Rescoring& rescoring, const std::vector<bool>& allowed,
                       const BlockedLabels* blocked) {
  RankRequest request{.k = settings.k};
  request.search.beam = settings.beam;
  request.completion.source = settings.source.value_or(request.completion.source);
  request.completion.mends_typos = settings.typos.value_or(0) > 0;
  request.completion.makes_queries = settings.unseen.value_or(1) > 0 && !rescoring.is_wanted() &&
                                     request.completion.source == CompletionSource::fused && settings.allow.empty() &&
                                     settings.categories.empty();
  request.completion.shows_distinct = settings.distinct;
  request.completion.categories = settings.categories;
  request.completion.boosts = settings.boosts;
  request.completion.blocked = blocked;
  request.allowed = allowed.empty() ? nullptr : &allowed;
  return request;
}

std::optional<QueryReader> reader_of(const ServedModel& model) {
  if (model.model().vectorizer() == nullptr && !model.completes()) return std::nullopt;
  const CorpusColumns columns(fmt::format("{}", fmt::join(model.columns(), ",")));
  return std::make_optional<QueryReader>(model.models(), columns, InvalidUtf8::replace, 1U);
}

}  // namespace

ModelSession::ModelSession(std::shared_ptr<const ServedModel> model)
    : model_(std::move(model)), reader_(reader_of(*model_)) {}

void ModelSession::select(const RankSettings& settings) {
  const auto found = std::ranges::find_if(selected_, [&](const auto& kept) { return kept->settings == settings; });
  if (found != selected_.end()) {
    selected_.splice(selected_.begin(), selected_, found);
    return;
  }
  std::unique_ptr<Selected> made = make(settings);
  if (selected_.size() == kKept) selected_.pop_back();
  selected_.push_front(std::move(made));
}

std::unique_ptr<ModelSession::Selected> ModelSession::make(const RankSettings& settings) const {
  check(settings);
  auto made = std::make_unique<Selected>();
  made->settings = settings;
  made->allowed = flags_of(settings);
  const Rescoring rescoring = rescoring_of(model_->model(), settings);
  const RankRequest request = request_of(settings, rescoring, made->allowed, model_->blocked());
  made->ranker = model_->model().ranker(request);
  if (rescoring.is_wanted())
    made->ranker = std::make_unique<RescoredRanker>(std::move(made->ranker), rescoring, settings.k);
  made->details = std::make_unique<AnswerDetails>(model_->models(), request, settings.explain);
  made->members = made->details->of_answers();
  if (settings.texts) {
    made->members = [paths = std::move(made->members), &names = model_->models().names()](LabelId label,
                                                                                          std::string& json) {
      if (label < names.texts.size()) {  // else a made query
        json += R"(,"text":)";
        append_json_string(json, names.text(label));
      }
      if (paths) paths(label, json);
    };
  }
  return made;
}

// Throws RequestError if the model does not support a setting.
void ModelSession::check(const RankSettings& settings) const {
  const ModelCapabilities can = model_->model().capabilities();
  const auto refuse_unless = [&](bool supported, std::string_view parameter, std::string_view fault) {
    if (!supported)
      throw RequestError(ErrorCode::unsupported,
                         fmt::format("{}: model {} {}", parameter, quote(model_->name()), fault));
  };
  refuse_unless(!settings.beam || can.searches_tree, "beam", "has no tree to search");
  refuse_unless(!settings.explain || model_->explains(), "explain", "is neither an XR-Linear nor a retrieval model");
  refuse_unless(!settings.texts || !model_->models().names().empty(), "texts", "holds no names of labels");
  refuse_unless(!settings.source || can.completion != nullptr, "source", "is not a completion model");
  refuse_unless(!settings.unseen || can.completion != nullptr, "unseen", "is not a completion model");
  refuse_unless(!settings.typos || can.completion != nullptr, "typos", "is not a completion model");
  refuse_unless(!settings.distinct || can.completion != nullptr, "distinct", "is not a completion model");
  refuse_unless(settings.categories.empty() || can.completion != nullptr, "category", "is not a completion model");
  refuse_unless(settings.boosts.empty() || can.completion != nullptr, "boost", "is not a completion model");
}

// Returns the labels that may be answers, by label. Keys that no label has are ignored, as by xmr-predict --allow.
std::vector<bool> ModelSession::flags_of(const RankSettings& settings) const {
  if (settings.allow.empty() && settings.deny.empty()) return {};
  const std::uint64_t labels = model_->model().labels();
  std::vector<bool> allowed(labels, settings.allow.empty());
  const LabelNames* const names = model_->label_names();
  const auto find = [&](const std::string& key) -> std::optional<LabelId> {
    if (names != nullptr) return names->find(key);
    LabelId id = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    return error == std::errc() && end == key.data() + key.size() && id < labels ? std::optional(id) : std::nullopt;
  };
  for (const std::string& key : settings.allow)
    if (const auto label = find(key)) allowed[*label] = true;
  for (const std::string& key : settings.deny)
    if (const auto label = find(key)) allowed[*label] = false;
  if (std::ranges::find(allowed, true) == allowed.end())
    throw RequestError(ErrorCode::bad_parameter, "allow, deny: no label is left", "give keys of labels.txt");
  return allowed;
}

void ModelSession::answer(const QueryInput& input, Row row, std::string& json) {
  Selected& selected = *selected_.front();
  const Query query = input.has_features ? read_features(input) : read(input);
  const SparseRow ranked = (*selected.ranker)(query);
  row_members_.clear();
  selected.details->begin(query);
  selected.details->append_to_row(row_members_);
  const bool has_names = !model_->models().names().empty();
  const LabelKey key = has_names ? [&](LabelId label) { return selected.details->key(label); } : LabelKey();
  append_json_row(json, row, row_members_, ranked, key, selected.members);
}

// Returns the columns of the model as a line. A TAB inside a column becomes a blank if there are several.
const std::string& ModelSession::line_of(const QueryInput& input) {
  const std::vector<std::string>& columns = model_->columns();
  for (const auto& [name, text] : input.columns)
    if (std::ranges::find(columns, name) == columns.end())
      throw RequestError(ErrorCode::unsupported,
                         fmt::format("{}: model {} reads {}", name == kTextColumn ? "q" : quote(name),
                                     quote(model_->name()), fmt::join(columns, ", ")),
                         "GET /v1/models lists the columns of each model");
  line_.clear();
  for (const std::string& column : columns) {
    if (&column != &columns.front()) line_ += '\t';
    const auto given = std::ranges::find(input.columns, column, &std::pair<std::string, std::string>::first);
    if (given == input.columns.end()) continue;
    const std::size_t start = line_.size();
    line_ += given->second;
    if (columns.size() > 1) std::replace(line_.begin() + static_cast<std::ptrdiff_t>(start), line_.end(), '\t', ' ');
  }
  return line_;
}

Query ModelSession::read(const QueryInput& input) {
  if (!reader_)
    throw RequestError(ErrorCode::unsupported,
                       fmt::format("model {} holds no vectorizer, so it cannot read text", quote(model_->name())),
                       R"(POST /v1/rank with {"queries":[{"features":[[17,0.5]]}]})");
  return reader_->read(kPlace, line_of(input), 0);
}

// Reads features as xmr-predict -x does: parts of a joined matrix have their norms and weights.
Query ModelSession::read_features(const QueryInput& input) {
  const RankingModel& model = model_->model();
  if (!model_->reads_features())
    throw RequestError(ErrorCode::unsupported, fmt::format("features: model {} reads text", quote(model_->name())));
  features_.clear();
  values_.clear();
  for (const auto& [feature, value] : input.features) {
    if (feature >= model.features())
      throw RequestError(ErrorCode::bad_body,
                         fmt::format("features: feature {} is not below {}", feature, model.features()));
    if (value == 0) continue;
    features_.push_back(feature);
    values_.push_back(value);
  }
  std::uint64_t end = 0;
  auto first = features_.begin();
  for (const FeaturePart& part : model.feature_parts()) {
    end += part.features;
    const auto last = std::lower_bound(first, features_.end(), end);
    const std::span<float> values = std::span(values_).subspan(static_cast<std::size_t>(first - features_.begin()),
                                                               static_cast<std::size_t>(last - first));
    normalize(values, part.norm);
    for (float& value : values) {
      value *= part.weight;
      if (!std::isfinite(value)) throw RequestError(ErrorCode::bad_body, "features: a value is too large");
    }
    first = last;
  }
  if (model.capabilities().needs_counts) {
    const std::vector<Offset> ends = {0, features_.size()};
    require_counts({1, model.features(), ends, features_, values_}, 0, 1, "features");
  }
  return {.features = {features_, values_}};
}

}  // namespace xmr::serve
