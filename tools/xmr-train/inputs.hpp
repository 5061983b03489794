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

// The number of features of X, and the vectorizer that made it, if known.
struct MadeBy {
  std::string name;  // file, for messages
  std::uint64_t features;
  std::string vectorizer;

  explicit MadeBy(const MatrixFile& x) : MadeBy(x.name(), x.view().cols, x.vectorizer()) {}
  MadeBy(std::string name_of_file, std::uint64_t feature_count, std::string fingerprint)
      : name(std::move(name_of_file)), features(feature_count), vectorizer(std::move(fingerprint)) {}
};

// Reads the vectorizer; std::nullopt for an empty path. If another vectorizer made X, throws DataError.
std::optional<VectorizerFile> read_vectorizer(const std::string& path, const MadeBy& x);
inline std::optional<VectorizerFile> read_vectorizer(const std::string& path, const MatrixFile& x) {
  return read_vectorizer(path, MadeBy(x));
}

// Reads labels.txt; std::nullopt for an empty path. Throws DataError unless it has `labels` lines. `counted`: the file
// that has so many labels, for the message.
std::optional<LabelNames> read_names(const std::string& path, std::uint64_t labels, const std::string& counted);

// A row of features for each label: a matrix, or the texts of labels.txt.
class LabelRows {
 public:
  // `vectorizer`: may be null. Throws ConfigError for texts without a vectorizer; DataError if sizes do not fit x or y.
  LabelRows(const std::string& path, const VectorizerFile* vectorizer, const MatrixFile& x, const MatrixFile& y);

  CsrView view() const { return matrix_ ? matrix_->view() : texts_.view(); }

 private:
  std::optional<MatrixFile> matrix_;
  CsrMatrix texts_;
};

}  // namespace xmr::tools
