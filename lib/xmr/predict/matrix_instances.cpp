#include "xmr/predict/matrix_instances.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/lexical/label_documents.hpp"
#include "xmr/sparse/joined_features.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

void require_fit(const RankingModel& model, const MatrixFile& x) {
  const std::string hint = "run xmr-featurize apply with the vectorizer that the model was trained with";
  if (x.view().cols != model.features())
    throw DataError(x.name(), fmt::format("{} features, the model has {}", x.view().cols, model.features()), hint);
  const std::string expected =
      model.vectorizer() == nullptr ? model.vectorizer_fingerprint() : model.vectorizer()->fingerprint();
  const Json* const made_by = x.content().find("vectorizer");
  if (!expected.empty() && made_by != nullptr && *made_by != expected)
    throw DataError(x.name(), fmt::format("was not made with the vectorizer of {}", model.name()), hint);
}

// The number of matrices whose columns are the features of a model.
std::size_t matrices(const RankingModel& model) {
  return std::max<std::size_t>(model.feature_parts().size(), 1);
}

bool share_features(const RankingModel& a, const RankingModel& b) {
  return std::ranges::equal(a.feature_parts(), b.feature_parts());
}

}  // namespace

MatrixInstances::MatrixInstances(const ModelSet& models, const std::vector<std::string>& paths, unsigned threads)
    : joined_(threads) {
  std::size_t of_all = 0;
  bool share = paths.size() == matrices(models[0]);
  for (std::size_t i = 0; i < models.size(); ++i) {
    of_all += matrices(models[i]);
    share = share && share_features(models[0], models[i]);
  }
  if (!share && paths.size() != of_all)
    throw ConfigError(models.size() == 1 ? fmt::format("{} matrices of features, {} was trained on {}", paths.size(),
                                                       models[0].name(), of_all)
                                         : fmt::format("{} matrices of features for {} models, {} or {} are needed",
                                                       paths.size(), models.size(), matrices(models[0]), of_all),
                      models.size() == 1 ? "each has its -x, in the order of training" : "");
  auto next = paths.begin();
  for (std::size_t i = 0; i < (share ? 1 : models.size()); ++i) {
    const auto end = next + static_cast<std::ptrdiff_t>(matrices(models[i]));
    files_.push_back(join_features({next, end}, models[i].feature_parts(), models[i].name(), MatrixFile::Check::rows));
    next = end;
    const MatrixFile& file = files_.back();
    if (file.view().rows != rows())
      throw DataError(file.name(),
                      fmt::format("{} rows, but {} has {}", file.view().rows, files_.front().name(), rows()));
    spaces_.sizes.push_back(file.view().cols);
  }
  spaces_.check();
  need_counts_.resize(files_.size());
  for (std::size_t i = 0; i < models.size(); ++i) {
    const std::size_t space = share ? 0 : i;
    spaces_.of_model.push_back(space);
    require_fit(models[i], files_[space]);
    if (models[i].capabilities().needs_counts) need_counts_[space] = true;
  }
}

std::string MatrixInstances::fingerprint() const {
  Fingerprint print;
  for (const MatrixFile& file : files_)
    print.add(file.fingerprint());
  return print.hex();
}

void MatrixInstances::select(Row first, Row last) {
  for (std::size_t space = 0; space < files_.size(); ++space) {
    const MatrixFile& file = files_[space];
    file.check_rows(first, last);
    if (need_counts_[space]) require_counts(file.view(), first, last, file.name());
  }
  first_ = first;
  last_ = last;
  is_delivered_ = false;
}

Row MatrixInstances::next_block() {
  return std::exchange(is_delivered_, true) ? 0 : total();
}

Query MatrixInstances::read(Row row, unsigned worker) {
  row += first_;
  if (files_.size() == 1) return {files_.front().view().row(row)};
  JoinedRow& joined = joined_[worker];
  joined.clear();
  for (const MatrixFile& file : files_)
    joined.append(file.view().row(row), file.view().cols);
  return {joined.row()};
}

std::string MatrixInstances::describe(Row row) const {
  std::size_t features = 0;
  for (const MatrixFile& file : files_)
    features += file.view().row(first_ + row).size();
  return fmt::format("{} features", features);
}

}  // namespace xmr
