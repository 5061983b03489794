#include "xmr/predict/matrix_instances.hpp"

#include <fmt/format.h>

#include "xmr/lexical/label_documents.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

void require_fit(const RankingModel& model, const MatrixFile& x) {
  const std::string hint = "run xmr-featurize apply with the vectorizer that the model was trained with";
  if (x.view().cols != model.features())
    throw DataError(x.name(), fmt::format("{} features, the model has {}", x.view().cols, model.features()), hint);
  const std::string expected =
      model.vectorizer() == nullptr ? model.vectorizer_fingerprint() : model.vectorizer()->fingerprint();
  const auto made_by = x.content().find("vectorizer");
  if (!expected.empty() && made_by != x.content().end() && *made_by != expected)
    throw DataError(x.name(), fmt::format("was not made with the vectorizer of {}", model.name()), hint);
  if (model.reads_counts()) require_counts(x.view(), x.name());
}

}  // namespace

MatrixInstances::MatrixInstances(const ModelSet& models, const std::vector<std::string>& paths, unsigned threads)
    : joined_(threads) {
  if (paths.size() != 1 && paths.size() != models.size())
    throw ConfigError(
        fmt::format("{} matrices of features for {} models, one or as many are needed", paths.size(), models.size()));
  for (const std::string& path : paths) {
    const MatrixFile& file = files_.emplace_back(path);
    if (file.view().rows != rows())
      throw DataError(file.name(),
                      fmt::format("{} rows, but {} has {}", file.view().rows, files_.front().name(), rows()));
    spaces_.sizes.push_back(file.view().cols);
  }
  spaces_.check();
  for (std::size_t i = 0; i < models.size(); ++i) {
    spaces_.of_model.push_back(paths.size() == 1 ? 0 : i);
    require_fit(models[i], files_[spaces_.of_model.back()]);
  }
}

Query MatrixInstances::read(Row row, unsigned worker) {
  if (files_.size() == 1) return {files_.front().view().row(row)};
  JoinedRow& joined = joined_[worker];
  joined.clear();
  for (const MatrixFile& file : files_)
    joined.append(file.view().row(row), file.view().cols);
  return {joined.row()};
}

}  // namespace xmr
