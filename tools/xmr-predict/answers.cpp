#include "xmr-predict/answers.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "xmr/io/json_file.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/linear_search.hpp"
#include "xmr/predict/searched_tree.hpp"
#include "xmr/util/error.hpp"

#include "common/progress.hpp"

namespace xmr::tools {
namespace {

// The features of a step that are printed, and the sum of the others.
struct Told {
  std::span<const FeatureEffect> effects;
  std::size_t others = 0;
  float sum_of_others = 0;
};

Told tell(const PathStep& step, std::uint32_t most) {
  const std::span<const FeatureEffect> all = step.effects;
  Told told{.effects = all.first(std::min<std::size_t>(most, all.size()))};
  for (const FeatureEffect& other : all.subspan(told.effects.size()))
    told.sum_of_others += other.effect;
  told.others = all.size() - told.effects.size();
  return told;
}

}  // namespace

Answers::Answers(const PredictOptions& options, const ModelSet& models, const RankRequest& request,
                 nlohmann::ordered_json content, Row first_row, bool has_keys)
    : models_(models), linear_(models[0].capabilities().linear), explained_(options.explain), row_(first_row) {
  if (linear_ != nullptr) search_ = search_of(*linear_, request);
  if (explained_) explain_.emplace(*linear_, search_->post_processor);
  if (!options.picture.empty()) picture_.emplace(options.picture);
  if (explained_ && options.form() == PredictionForm::tsv) {
    text_.emplace(options.output);
    return;
  }
  const CompletionModel* const completion = models[0].capabilities().completion;
  if (completion != nullptr && options.form() == PredictionForm::json_lines)
    known_.emplace(completion->names().keys, completion->popular(), request.completion.mends_typos);
  const StoredNames& names = models.names();
  PredictionWriter::Options written{
      .form = options.form(), .labels = models.labels(), .has_keys = has_keys, .first_row = first_row};
  if (!names.empty()) written.key = [&names](LabelId label) { return names.key(label); };
  if (explained_) written.members = [this](LabelId label, std::string& json) { append_json(label, json); };
  written.content = std::move(content);
  predictions_.emplace(options.output, std::move(written));
}

void Answers::write(CsrView ranked, std::span<const RankKeys> keys, const Read& read) {
  if (!explained_ && !picture_ && !known_) {
    predictions_->write(ranked, keys);
    return;
  }
  for (Row row = 0; row < ranked.rows; ++row, ++row_) {
    const Instance instance = read(row);
    query_ = instance.query.features;
    if (picture_) draw(instance.query);
    buffer_.clear();
    if (known_) append_instead(instance.query.prefix);
    if (text_)
      write_text(ranked.row(row), instance);
    else
      predictions_->write(ranked.row(row), buffer_);
  }
}

void Answers::flush() {
  if (text_) text_->flush();
  if (predictions_) predictions_->flush();
}

void Answers::commit() {
  if (text_) text_->commit();
  if (predictions_) predictions_->commit();
  if (picture_) picture_->commit();
}

void Answers::write_text(SparseRow ranked, const Instance& instance) {
  buffer_ = fmt::format("row {}: {}\n", row_, printable(instance.text));
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    fmt::format_to(std::back_inserter(buffer_), "{:3}. {}  {}\n", i + 1, key(ranked.indices[i]), ranked.values[i]);
    append_text(ranked.indices[i], (*explain_)(query_, ranked.indices[i]));
  }
  text_->write(buffer_);
}

// Appends a line for each level: "     level 0, node 31: margin 0.43, score 0.12 = bias -0.8, chess +0.72, 57 others
// +0.12".
void Answers::append_text(LabelId label, const std::vector<PathStep>& path) {
  const auto append = std::back_inserter(buffer_);
  for (std::size_t level = 0; level < path.size(); ++level) {
    const PathStep& step = path[level];
    const Told told = tell(step, *explained_);
    if (level + 1 == path.size())
      fmt::format_to(append, "     {}:", key(label));
    else
      fmt::format_to(append, "     level {}, node {}:", level, step.node);
    fmt::format_to(append, " score {:.4g}, margin {:.4g} = bias {:.4g}", step.score, step.margin, step.bias);
    for (const auto& [feature, effect] : told.effects)
      fmt::format_to(append, ", {} {:+.4g}", printable(feature_text(feature)), effect);
    if (told.others > 0) fmt::format_to(append, ", {} others {:+.4g}", told.others, told.sum_of_others);
    buffer_ += '\n';
  }
}

void Answers::append_json(LabelId label, std::string& json) {
  const auto append = std::back_inserter(json);
  json += R"(,"path":[)";
  const std::vector<PathStep> path = (*explain_)(query_, label);
  for (std::size_t level = 0; level < path.size(); ++level) {
    const PathStep& step = path[level];
    const Told told = tell(step, *explained_);
    fmt::format_to(append, R"({}{{"level":{},"node":{},"score":{},"margin":{},"bias":{},"features":[)",
                   level == 0 ? "" : ",", level, step.node, step.score, step.margin, step.bias);
    for (std::size_t i = 0; i < told.effects.size(); ++i)
      fmt::format_to(append, R"({}{{"feature":{},"effect":{}}})", i == 0 ? "" : ",",
                     json_line(feature_text(told.effects[i].feature)), told.effects[i].effect);
    fmt::format_to(append, R"(],"others":{}}})", told.sum_of_others);
  }
  json += ']';
}

// Appends the prefix that was completed, if it is not the one that was typed.
void Answers::append_instead(std::string_view typed) {
  const KnownPrefix known = (*known_)(typed);
  if (known.instead == Instead::nothing) return;
  buffer_ += known.instead == Instead::mended ? R"(,"mended":)" : R"(,"backed_off":)";
  buffer_ += json_line(known.prefix);
}

void Answers::draw(const Query& query) {
  if (is_drawn_) throw DataError("--dot: draws a single row, but there are more");
  is_drawn_ = true;
  picture_->write(graphviz(search_tree(*linear_, *search_, query), *linear_));
}

std::string Answers::key(LabelId label) const {
  return linear_->names().empty() ? std::to_string(label) : printable(linear_->names().key(label));
}

std::string Answers::feature_text(FeatureId feature) const {
  const Vectorizer* const vectorizer = linear_->vectorizer();
  return vectorizer == nullptr ? fmt::format("feature {}", feature) : vectorizer->feature_text(feature);
}

}  // namespace xmr::tools
