#include "xmr-train/inputs.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "xmr/featurize/label_texts.hpp"
#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/sparse/joined_features.hpp"
#include "xmr/util/error.hpp"

namespace xmr::tools {

void TrainPaths::add_to(CLI::App& app) {
  x.add_to(app);
  app.add_option("-y,--y", y, "Labels of the instances, a matrix")->type_name("FILE")->required();
  app.add_option("-o,--output", output, "Model to write")->type_name("FILE")->required();
  app.add_option("-f,--vectorizer", vectorizer, kVectorizerHelp)->type_name("FILE");
  app.add_option("--labels", labels, kLabelsHelp)->type_name("FILE");
}

std::optional<VectorizerFile> read_vectorizer(const std::string& path, const MadeBy& x) {
  if (path.empty()) return std::nullopt;
  VectorizerFile file(path);
  if (file.vectorizer().features() != x.features)
    throw DataError(file.name(),
                    fmt::format("{} features, but {} has {}", file.vectorizer().features(), x.name, x.features),
                    "xmr-featurize apply makes X with it");
  if (!x.vectorizer.empty() && x.vectorizer != file.vectorizer().fingerprint())
    throw DataError(x.name, fmt::format("was not made with {}", file.name()), "run xmr-featurize apply again");
  return file;
}

std::optional<LabelNames> read_names(const std::string& path, std::uint64_t labels, const std::string& counted) {
  if (path.empty()) return std::nullopt;
  return LabelNames::read(path, labels, counted);
}

namespace {

// Returns whether a file is text. A pipe, which can be read only once, is a matrix.
bool is_text(const std::string& path) {
  return std::filesystem::is_regular_file(path) && recognize(InputFile(path).peek(64)) == FileKind::text;
}

}  // namespace

LabelRows::LabelRows(const std::string& path, const VectorizerFile* vectorizer, const MatrixFile& x,
                     const MatrixFile& y) {
  if (is_text(path)) {
    if (vectorizer == nullptr)
      throw ConfigError(fmt::format("--label-rows {}: texts need -f, the vectorizer that made X", path));
    texts_ = featurize_label_texts(*read_names(path, y.view().cols, y.name()), vectorizer->vectorizer());
    return;
  }
  // A row of a label is a row of X.
  const CsrView rows = matrix_.emplace(join_features({path}, feature_parts(x.content(), x.name()), x.name())).view();
  if (rows.rows != y.view().cols)
    throw DataError(matrix_->name(), fmt::format("{} rows, but {} has {} labels", rows.rows, y.name(), y.view().cols));
  if (rows.cols != x.view().cols)
    throw DataError(matrix_->name(), fmt::format("{} features, but {} has {}", rows.cols, x.name(), x.view().cols));
  const std::string made_by = matrix_->vectorizer();
  if (!made_by.empty() && !x.vectorizer().empty() && made_by != x.vectorizer())
    throw DataError(matrix_->name(), fmt::format("was not made with the vectorizer of {}", x.name()));
}

}  // namespace xmr::tools
