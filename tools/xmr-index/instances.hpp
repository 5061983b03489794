#pragma once
// The inputs of a tree: instances with their labels, and features of the labels.

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
  // Throws ConfigError if options contradict each other.
  void check() const;
};

// The files, mapped. Thread rule: const methods from any thread.
class Instances {
 public:
  // Throws DataError if sizes of matrices do not fit. With Check::rows, call check_rows_with() before rows of x() are
  // used.
  Instances(const InstanceOptions& options, Observer& observer, MatrixFile::Check check_x = MatrixFile::Check::all);

  // Checks the rows of x() that have one of these labels. Throws FormatError for a damaged row.
  void check_rows_with(std::span<const LabelId> labels) const;

  // The matrices with the label rows, if there are any.
  CsrView x() const { return stacked_ ? stacked_->x.view() : x_.view(); }
  CsrView y() const { return stacked_ ? stacked_->y.view() : y_.view(); }
  CsrView label_features() const { return label_features_ ? label_features_->view() : CsrView(); }
  const MatrixFile& y_file() const { return y_; }

  void add_fingerprints(Json& content) const;
  // Throws DataError if a fingerprint differs from that in `content`, the record of the file `name`.
  void check_fingerprints(const Json& content, const std::string& name) const;
  void report(Run& run) const;

 private:
  MatrixFile x_, y_;
  std::optional<MatrixFile> label_features_, label_rows_;
  std::optional<InstanceMatrices> stacked_;
};

}  // namespace xmr::tools
