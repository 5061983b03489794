#include "xmr/predict/answer_details.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/linear_search.hpp"

namespace xmr {

AnswerDetails::AnswerDetails(const ModelSet& models, const RankRequest& request, std::optional<std::uint32_t> explain)
    : linear_(models[0].capabilities().linear), told_(explain.value_or(0)), names_(&models.names()) {
  if (const RetrievalModel* retrieval = models[0].capabilities().retrieval; retrieval != nullptr && explain)
    reasons_.emplace(*retrieval, request.k, request.allowed);
  else if (explain)
    explain_.emplace(*linear_, search_of(*linear_, request).post_processor);
  if (const CompletionModel* completion = models[0].capabilities().completion) {
    known_.emplace(completion->names().keys, completion->popular(), request.completion.mends_typos);
    matched_.emplace();
  }
  if (request.completion.makes_queries && known_)
    find_other_.emplace(models[0].capabilities().completion->first(), models[0].capabilities().completion->grams(),
                        models.names().keys);
}

std::string_view AnswerDetails::key(LabelId label) {
  if (label < names_->keys.size()) return names_->key(label);
  const std::size_t place = label - names_->keys.size();
  for (const bool makes : {false, true})  // most answers need none to be made
    if (find_other_->all().size() <= place) (*find_other_)(query_.previous, query_.prefix, makes);
  return find_other_->all()[place].text;
}

void AnswerDetails::begin(const Query& query) {
  query_ = query;
  if (find_other_) find_other_->clear();
  if (reasons_) reasons_->ask(query.text);
  if (known_) completed_ = (*known_)(query.prefix);
}

void AnswerDetails::append_to_row(std::string& json) {
  if (completed_.instead == Instead::nothing) return;
  json += completed_.instead == Instead::mended ? R"(,"mended":)" : R"(,"backed_off":)";
  append_json_string(json, completed_.prefix);
}

AnswerMembers AnswerDetails::of_answers() {
  if (reasons_) return [this](LabelId label, std::string& json) { append_reasons(label, json); };
  if (matched_) return [this](LabelId label, std::string& json) { append_matched(label, json); };
  if (!explain_) return nullptr;
  return [this](LabelId label, std::string& json) { append_path(label, json); };
}

// A query that is no label may begin with the whole typed text, which may be longer than the completed prefix.
void AnswerDetails::append_matched(LabelId label, std::string& json) {
  const std::string_view completion = key(label);
  if (label >= names_->keys.size())
    json += find_other_->all()[label - names_->keys.size()].first.count > 0 ? R"(,"first":true)" : R"(,"made":true)";
  const bool is_whole = completion.starts_with(query_.prefix);
  const char* comma = "";
  json += R"(,"matched":[)";
  for (const TextPart part : (*matched_)(query_.prefix, is_whole ? query_.prefix : completed_.prefix, completion)) {
    fmt::format_to(std::back_inserter(json), "{}[{},{}]", comma, part.begin, part.end);
    comma = ",";
  }
  json += ']';
}

void AnswerDetails::append_path(LabelId label, std::string& json) {
  const auto append = std::back_inserter(json);
  json += R"(,"path":[)";
  const std::vector<PathStep> path = (*explain_)(query_.features, label);
  for (std::size_t level = 0; level < path.size(); ++level) {
    const PathStep& step = path[level];
    const LargestEffects told(step, told_);
    fmt::format_to(append, R"({}{{"level":{},"node":{},"score":{},"margin":{},"bias":{},"features":[)",
                   level == 0 ? "" : ",", level, step.node, step.score, step.margin, step.bias);
    for (std::size_t i = 0; i < told.effects.size(); ++i) {
      json += i == 0 ? R"({"feature":)" : R"(,{"feature":)";
      append_json_string(json, feature_text(*linear_, told.effects[i].feature));
      fmt::format_to(append, R"(,"effect":{}}})", told.effects[i].effect);
    }
    fmt::format_to(append, R"(],"others":{}}})", told.sum_of_others);
  }
  json += ']';
}

// NaN is null: a piece that no source gives.
void AnswerDetails::append_reasons(LabelId label, std::string& json) {
  const auto append = std::back_inserter(json);
  const RetrievalReasons reasons = (*reasons_)(label);
  json += R"(,"sources":{)";
  const char* comma = "";
  for (const Source source : kAllSources) {
    const auto& [by, effect] = reasons.by[static_cast<std::size_t>(source)];
    if (by.rank == 0) continue;
    fmt::format_to(append, R"({}"{}":{{"rank":{},"score":{},"effect":{}}})", comma, name_of(source), by.rank, by.score,
                   effect);
    comma = ",";
  }
  fmt::format_to(append, R"(}},"margin":{},"evidence":[)", reasons.margin);
  comma = "";
  for (const EvidenceEffect& piece :
       std::span(reasons.effects).first(std::min<std::size_t>(told_, reasons.effects.size()))) {
    fmt::format_to(append, R"({}{{"piece":"{}","value":)", comma, piece.name);
    if (std::isnan(piece.value))
      json += "null";
    else
      fmt::format_to(append, "{}", piece.value);
    fmt::format_to(append, R"(,"effect":{}}})", piece.effect);
    comma = ",";
  }
  json += ']';
}

}  // namespace xmr
