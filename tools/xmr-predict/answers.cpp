#include "xmr-predict/answers.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/predict/linear_search.hpp"
#include "xmr/predict/searched_tree.hpp"
#include "xmr/util/error.hpp"

#include "common/progress.hpp"

namespace xmr::tools {

Answers::Answers(const PredictOptions& options, const ModelSet& models, const RankRequest& request, Json content,
                 Row first_row, bool has_keys)
    : linear_(models[0].capabilities().linear),
      names_(models.names()),
      row_(first_row),
      shows_ids_(options.form() == PredictionForm::json_lines || options.form() == PredictionForm::trec) {
  if (linear_ != nullptr) search_ = search_of(*linear_, request);
  if (!options.picture.empty()) picture_.emplace(options.picture);
  if (options.explain && options.form() == PredictionForm::tsv) {
    explained_ = *options.explain;
    if (const RetrievalModel* retrieval = models[0].capabilities().retrieval)
      reasons_.emplace(*retrieval, request.k, request.allowed);
    else
      explain_.emplace(*linear_, search_->post_processor);
    text_.emplace(options.output);
    return;
  }
  const bool is_json = options.form() == PredictionForm::json_lines;
  if (is_json || request.completion.makes_queries) details_.emplace(models, request, options.explain);
  const StoredNames& names = models.names();
  PredictionWriter::Options written{.form = options.form(),
                                    .labels = models.labels(),
                                    .has_keys = has_keys,
                                    .first_row = first_row,
                                    .tag = options.tag};
  if (!names.empty()) written.key = [&names](LabelId label) { return names.key(label); };
  if (details_ && details_->makes_queries()) written.key = [this](LabelId label) { return details_->key(label); };
  if (details_ && is_json) written.members = details_->of_answers();
  written.content = std::move(content);
  predictions_.emplace(options.output, std::move(written));
}

void Answers::write(CsrView ranked, std::span<const RankKeys> keys, const Read& read, const ReadId& id) {
  if (!text_ && !picture_ && !(details_ && details_->reads_query())) {
    if (!shows_ids_) return predictions_->write(ranked, keys);
    for (Row row = 0; row < ranked.rows; ++row)
      predictions_->write(ranked.row(row), {}, id(row));
    return;
  }
  for (Row row = 0; row < ranked.rows; ++row, ++row_) {
    const Instance instance = read(row);
    if (picture_) draw(instance.query);
    if (text_) {
      write_text(ranked.row(row), instance);
      continue;
    }
    buffer_.clear();
    if (details_) {
      details_->begin(instance.query);
      details_->append_to_row(buffer_);
    }
    predictions_->write(ranked.row(row), buffer_, id(row));
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
  if (reasons_) reasons_->ask(instance.query.text);
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    fmt::format_to(std::back_inserter(buffer_), "{:3}. {}  {}\n", i + 1, key(ranked.indices[i]), ranked.values[i]);
    if (reasons_)
      append_text((*reasons_)(ranked.indices[i]));
    else
      append_text(ranked.indices[i], (*explain_)(instance.query.features, ranked.indices[i]));
  }
  text_->write(buffer_);
}

// Appends a line for each level: "     level 0, node 31: margin 0.43, score 0.12 = bias -0.8, chess +0.72, 57 others
// +0.12".
void Answers::append_text(LabelId label, const std::vector<PathStep>& path) {
  const auto append = std::back_inserter(buffer_);
  for (std::size_t level = 0; level < path.size(); ++level) {
    const PathStep& step = path[level];
    const LargestEffects told(step, explained_);
    if (level + 1 == path.size())
      fmt::format_to(append, "     {}:", key(label));
    else
      fmt::format_to(append, "     level {}, node {}:", level, step.node);
    fmt::format_to(append, " score {:.4g}, margin {:.4g} = bias {:.4g}", step.score, step.margin, step.bias);
    for (const auto& [feature, effect] : told.effects)
      fmt::format_to(append, ", {} {:+.4g}", printable(feature_text(*linear_, feature)), effect);
    if (told.others > 0) fmt::format_to(append, ", {} others {:+.4g}", told.others, told.sum_of_others);
    buffer_ += '\n';
  }
}

// Appends two lines: "     margin 4.1: trees 1 (0.43, +2.1), words 12 (0.61, -0.2)" and "     words covered 1 (+1.1),
// ...".
void Answers::append_text(const RetrievalReasons& reasons) {
  const auto append = std::back_inserter(buffer_);
  fmt::format_to(append, "     margin {:.4g}:", reasons.margin);
  const char* comma = "";
  for (const xmr::Source source : kAllSources) {
    const auto& [by, effect] = reasons.by[static_cast<std::size_t>(source)];
    if (by.rank == 0) continue;
    fmt::format_to(append, "{} {} {} ({:.4g}, {:+.4g})", comma, name_of(source), by.rank, by.score, effect);
    comma = ",";
  }
  buffer_ += "\n     ";
  comma = "";
  for (std::size_t i = 0; i < std::min<std::size_t>(explained_, reasons.effects.size()); ++i, comma = ", ") {
    const EvidenceEffect& piece = reasons.effects[i];
    fmt::format_to(append, "{}{} {:.4g} ({:+.4g})", comma, piece.name, piece.value, piece.effect);
  }
  buffer_ += '\n';
}

void Answers::draw(const Query& query) {
  if (is_drawn_) throw DataError("--dot: draws a single row, but there are more");
  is_drawn_ = true;
  picture_->write(graphviz(search_tree(*linear_, *search_, query), *linear_));
}

std::string Answers::key(LabelId label) const {
  return names_.empty() ? std::to_string(label) : printable(names_.key(label));
}

}  // namespace xmr::tools
