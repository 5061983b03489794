#include "xmr/predict/answer_details.hpp"

#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/linear_search.hpp"

namespace xmr {

AnswerDetails::AnswerDetails(const ModelSet& models, const RankRequest& request, std::optional<std::uint32_t> explain)
    : linear_(models[0].capabilities().linear), features_(explain.value_or(0)) {
  if (explain) explain_.emplace(*linear_, search_of(*linear_, request).post_processor);
  if (const CompletionModel* completion = models[0].capabilities().completion)
    known_.emplace(completion->names().keys, completion->popular(), request.completion.mends_typos);
}

void AnswerDetails::append_to_row(std::string& json) {
  if (!known_) return;
  const KnownPrefix known = (*known_)(query_.prefix);
  if (known.instead == Instead::nothing) return;
  json += known.instead == Instead::mended ? R"(,"mended":)" : R"(,"backed_off":)";
  append_json_string(json, known.prefix);
}

AnswerMembers AnswerDetails::of_answers() {
  if (!explain_) return nullptr;
  return [this](LabelId label, std::string& json) { append_path(label, json); };
}

void AnswerDetails::append_path(LabelId label, std::string& json) {
  const auto append = std::back_inserter(json);
  json += R"(,"path":[)";
  const std::vector<PathStep> path = (*explain_)(query_.features, label);
  for (std::size_t level = 0; level < path.size(); ++level) {
    const PathStep& step = path[level];
    const LargestEffects told(step, features_);
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

}  // namespace xmr
