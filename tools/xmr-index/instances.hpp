#pragma once
// What a tree is made from: instances with their labels, and what is known of the labels themselves.

#include <optional>
#include <span>
#include <string>

#include <CLI/CLI.hpp>

#include "xmr/io/json.hpp"
#include "xmr/sparse/instances.hpp"
#include "xmr/sparse/matrix_file.hpp"

#include "common/feature_options.hpp"
#include "common/tool.hpp"

namespace xmr::tools {

struct InstanceOptions {
  FeatureOptions x;
  std::string y, label_features, label_rows;

  void add_to(CLI::App& app);
  // ConfigError for what is missing, or makes no sense together.
  void check() const;
};

// The files, mapped. Thread rule: const methods from any thread.
class Instances {
 public:
  // DataError for matrices that do not fit each other. With Check::rows, rows of x() are to be checked before use.
  Instances(const InstanceOptions& options, Observer& observer, MatrixFile::Check check_x = MatrixFile::Check::all);

  // The rows of x() that have one of these labels. FormatError for damaged ones.
  void check_rows_with(std::span<const LabelId> labels) const;

  // With the rows of labels, if there are any.
  CsrView x() const { return stacked_ ? stacked_->x.view() : x_.view(); }
  CsrView y() const { return stacked_ ? stacked_->y.view() : y_.view(); }
  CsrView label_features() const { return label_features_ ? label_features_->view() : CsrView(); }
  const MatrixFile& y_file() const { return y_; }

  void add_fingerprints(nlohmann::ordered_json& content) const;
  // DataError for a file whose fingerprint is not that of `content`, which `name` was made from.
  void check_fingerprints(const nlohmann::ordered_json& content, const std::string& name) const;
  void report(Run& run) const;

 private:
  MatrixFile x_, y_;
  std::optional<MatrixFile> label_features_, label_rows_;
  std::optional<InstanceMatrices> stacked_;
};

}  // namespace xmr::tools
