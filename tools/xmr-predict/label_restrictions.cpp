#include "xmr-predict/label_restrictions.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/label_set.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr::tools {
namespace {

LabelSet read_set(const std::string& path, const LabelNames* names, std::uint64_t labels, Observer& observer) {
  LabelSet set = read_label_set(path, names, labels);
  if (set.unknown > 0)
    observer.warn(
        fmt::format("keys that no label of the model has: {}; the first: {}", set.unknown, set.first_unknown));
  return set;
}

// Returns whether the file is a matrix. An npz without meta.json is predictions, whose scores may be 0.
bool is_matrix(const std::string& path, FileKind kind) {
  if (kind != FileKind::npz) return kind == FileKind::npy;
  const NpzFile npz(path);
  return npz.has_meta() && npz.meta().kind == "matrix";
}

// Returns the number of columns of the candidates: labels, or nodes of --rerank-level.
std::uint64_t columns_of(const PredictOptions& options, const ModelSet& models) {
  if (!options.rerank_level) return models.labels();
  const std::size_t level = *options.rerank_level;
  const std::vector<NodeId> sizes = models[0].capabilities().level_sizes;
  for (std::size_t i = 0; i < models.size(); ++i)
    if (models[i].capabilities().level_sizes != sizes)
      throw ConfigError(
          fmt::format("--rerank-level: {} and {} have different trees", models[0].name(), models[i].name()));
  if (level + 1 >= sizes.size())
    throw ConfigError(
        fmt::format("--rerank-level: {} has {} levels above the labels", models[0].name(), sizes.size() - 1),
        "without it the columns are labels");
  return sizes[level];
}

}  // namespace

LabelRestrictions::LabelRestrictions(const PredictOptions& options, const ModelSet& models, Observer& observer) {
  std::optional<LabelNames> names;
  const bool needs_names = !options.allow.empty() || !options.deny.empty() || !options.rerank.empty();
  if (needs_names && !models.names().empty()) names = LabelNames::of(models.names());
  read_allowed(options, models, names ? &*names : nullptr, observer);
  if (!options.block.empty()) blocked_.emplace(BlockedWords::read(options.block), models.names().keys);
  if (!options.rerank.empty()) read_reranked(options, models, names ? &*names : nullptr);
}

void LabelRestrictions::read_allowed(const PredictOptions& options, const ModelSet& models, const LabelNames* names,
                                     Observer& observer) {
  if (options.allow.empty() && options.deny.empty()) return;
  allowed_.assign(models.labels(), true);
  if (!options.allow.empty()) allowed_ = read_set(options.allow, names, models.labels(), observer).has;
  if (!options.deny.empty()) {
    const LabelSet denied = read_set(options.deny, names, models.labels(), observer);
    for (LabelId label = 0; label < allowed_.size(); ++label)
      if (denied.has[label]) allowed_[label] = false;
  }
  allowed_labels_ = static_cast<std::uint64_t>(std::ranges::count(allowed_, true));
  if (allowed_labels_ == 0) throw DataError(options.deny, "no label is left");
}

void LabelRestrictions::read_reranked(const PredictOptions& options, const ModelSet& models, const LabelNames* names) {
  reranked_name_ = options.rerank;
  const std::uint64_t columns = columns_of(options, models);
  if (std::filesystem::exists(options.rerank) && !std::filesystem::is_regular_file(options.rerank))
    throw DataError(options.rerank, "must be a regular file, because it is read more than once");
  const FileKind kind = recognize(MappedFile(options.rerank).bytes());
  is_text_ = kind == FileKind::text;
  if (is_matrix(options.rerank, kind))
    reranked_ = matrix_.emplace(options.rerank).view();
  else
    reranked_ = predictions_.emplace(options.rerank, is_text_ && !options.rerank_level ? names : nullptr).view();
  if (is_text_ ? reranked_->cols > columns : reranked_->cols != columns)
    throw DataError(reranked_name_, fmt::format("{} columns, but {} has {} {}", reranked_->cols, models[0].name(),
                                                columns, options.rerank_level ? "nodes at this level" : "labels"));
}

void LabelRestrictions::require_rows(Row rows, const std::string& of) const {
  if (reranked_ && (is_text_ ? reranked_->rows > rows : reranked_->rows != rows))
    throw DataError(reranked_name_, fmt::format("{} rows, but {} has {}", reranked_->rows, of, rows));
}

void LabelRestrictions::require_row(Row row, LinePlace place) const {
  if (reranked_ && !is_text_ && row >= reranked_->rows)
    throw DataError(place.file, place.line,
                    fmt::format("{} has candidates for {} rows only", reranked_name_, reranked_->rows));
}

void LabelRestrictions::describe(Json& content) const {
  if (!allowed_.empty()) {
    Fingerprint print;
    for (LabelId label = 0; label < allowed_.size(); ++label)
      if (allowed_[label]) print.add(std::uint64_t{label});
    content["allowed"] = {{"labels", allowed_labels_}, {"fingerprint", print.hex()}};
  }
  if (reranked_) content["rerank"] = fingerprint(*reranked_);
}

}  // namespace xmr::tools
