#include "xmr-index/instances.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

namespace xmr::tools {
namespace {

// A row for each label of y.
std::optional<MatrixFile> read_label_matrix(const std::string& path, const MatrixFile& y,
                                            std::span<const FeaturePart> as = {}) {
  if (path.empty()) return std::nullopt;
  MatrixFile matrix = join_features({path}, as, y.name());
  if (matrix.view().rows != y.view().cols)
    throw DataError(matrix.name(),
                    fmt::format("{} rows, but {} has {} labels", matrix.view().rows, y.name(), y.view().cols));
  return matrix;
}

}  // namespace

void InstanceOptions::add_to(CLI::App& app) {
  x.add_to(app);
  app.add_option("-y,--y", y, "Labels of the instances, a matrix")->type_name("FILE")->required();
  app.add_option("--label-features", label_features,
                 "Features of the labels, a matrix with a row for each label, beside those of X")
      ->type_name("FILE");
  app.add_option("--label-rows", label_rows,
                 "Adds an instance for each label: a matrix (labels x features of X), as for xmr-train")
      ->type_name("FILE");
}

void InstanceOptions::check() const {
  if (!label_rows.empty()) x.require_single("--label-rows");
}

Instances::Instances(const InstanceOptions& options, Observer& observer, MatrixFile::Check check_x)
    : x_(options.x.read(observer, /*makes_text_model=*/false, check_x)), y_(options.y) {
  check_instances(x_.view(), x_.name(), y_.view(), y_.name());
  label_features_ = read_label_matrix(options.label_features, y_);
  label_rows_ = read_label_matrix(options.label_rows, y_, feature_parts(x_.content(), x_.name()));
  if (check_x == MatrixFile::Check::all) x_.expect_random_reads();  // label by label
  if (!label_rows_) return;
  if (label_rows_->view().cols != x_.view().cols)
    throw DataError(label_rows_->name(),
                    fmt::format("{} features, but {} has {}", label_rows_->view().cols, x_.name(), x_.view().cols));
  x_.check_rows(0, x_.view().rows);
  stacked_ = with_label_rows(x_.view(), y_.view(), label_rows_->view());
}

void Instances::check_rows_with(std::span<const LabelId> labels) const {
  if (stacked_) return;
  std::vector<bool> is_wanted(y_.view().cols), rows(x_.view().rows);
  for (const LabelId label : labels)
    is_wanted[label] = true;
  for (Row row = 0; row < rows.size(); ++row)
    rows[row] = std::ranges::any_of(y_.view().row(row).indices, [&](LabelId label) { return is_wanted[label]; });
  x_.check_rows(rows);
  x_.expect_random_reads();
}

void Instances::add_fingerprints(Json& content) const {
  content["x"] = x_.fingerprint();
  content["y"] = y_.fingerprint();
  if (label_features_) content["label_features"] = label_features_->fingerprint();
  if (label_rows_) content["label_rows"] = label_rows_->fingerprint();
}

void Instances::check_fingerprints(const Json& content, const std::string& name) const {
  const auto check = [&](const char* key, const char* option, const MatrixFile* file) {
    if (content.contains(key) != (file != nullptr))
      throw ConfigError(fmt::format("{} was made {} {}", name, file == nullptr ? "with" : "without", option));
    if (file != nullptr && content[key] != file->fingerprint())
      throw DataError(file->name(), fmt::format("is not the file that {} was made from", name));
  };
  check("x", "--x", &x_);
  check("y", "--y", &y_);
  check("label_features", "--label-features", label_features_ ? &*label_features_ : nullptr);
  check("label_rows", "--label-rows", label_rows_ ? &*label_rows_ : nullptr);
}

void Instances::report(Run& run) const {
  run.record("rows", x_.view().rows);
  run.record("features", x_.view().cols);
  run.record("labels", y_.view().cols);
  run.record("nnz", x_.view().nnz());
}

}  // namespace xmr::tools
