#pragma once
// The inputs that several kinds of models are made from, checked against each other.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "xmr/featurize/vectorizer_file.hpp"
#include "xmr/io/names.hpp"
#include "xmr/sparse/matrix_file.hpp"

#include "common/feature_options.hpp"

namespace xmr::tools {

struct TrainPaths {
  FeatureOptions x;
  std::string y, vectorizer, labels, output;

  void add_to(CLI::App& app);
};

// The help of -f and --labels where they become part of a model.
inline constexpr const char* kVectorizerHelp = "Vectorizer that made X; the model then takes text";
inline constexpr const char* kLabelsHelp = "labels.txt; the model then answers with keys";

// The fingerprint of the vectorizer that made X, as far as it is known.
std::string vectorizer_of(const MatrixFile& x);

// X as far as its vectorizer goes: the number of its features, and what made it, as far as that is known.
struct MadeBy {
  std::string name;  // of the file, for messages
  std::uint64_t features;
  std::string vectorizer;

  explicit MadeBy(const MatrixFile& x) : MadeBy(x.name(), x.view().cols, vectorizer_of(x)) {}
  MadeBy(std::string name_of_file, std::uint64_t feature_count, std::string fingerprint)
      : name(std::move(name_of_file)), features(feature_count), vectorizer(std::move(fingerprint)) {}
};

// Nothing for an empty path. DataError unless it is the one that made X, as far as that is known.
std::optional<VectorizerFile> read_vectorizer(const std::string& path, const MadeBy& x);
inline std::optional<VectorizerFile> read_vectorizer(const std::string& path, const MatrixFile& x) {
  return read_vectorizer(path, MadeBy(x));
}

// Nothing for an empty path. DataError unless there are as many names as labels in `counted` (a file, for the message).
std::optional<LabelNames> read_names(const std::string& path, std::uint64_t labels, const std::string& counted);

// Features of labels, a row a label: a matrix, or the texts of labels.txt.
class LabelRows {
 public:
  // `vectorizer`: null if there is none. ConfigError for texts without it; DataError for what does not fit x or y.
  LabelRows(const std::string& path, const VectorizerFile* vectorizer, const MatrixFile& x, const MatrixFile& y);

  CsrView view() const { return matrix_ ? matrix_->view() : texts_.view(); }

 private:
  std::optional<MatrixFile> matrix_;
  CsrMatrix texts_;
};

}  // namespace xmr::tools
