#pragma once
// Joins feature matrices side by side into one X: for example, the words of a text and an embedding of it, sparse or
// dense. The rows of each matrix may be brought to norm 1 and multiplied by a weight. Features are numbered in the
// order of the matrices.
//
//   const MatrixFile x = join_features({"tfidf.npz", "embedding.npy"}, {.norms = {Norm::l2}, .weights = {1, 0.5F}});
//   const std::vector<FeaturePart> parts = feature_parts(x.content(), x.name());   // for the record of a model
//   const MatrixFile again = join_features({"tfidf-test.npz", "embedding-test.npy"}, parts, "model.npz");
//
// The default norm is l2 for a matrix without a vectorizer's fingerprint whose rows are not of length 1, else none. A
// single file without norm and weight is used unchanged, mapped if it is ours, and records nothing.
// Memory: 8 bytes an entry and 8 a row of the result (of a dense matrix all entries but zeros); while it is made, the
// memory of the parts, too. Errors: as MatrixFile and hstack; ConfigError for lists of another length; DataError for
// files that differ from the record, and for values that overflow by their weight. Thread rule: pure functions.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/json.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/operations.hpp"

namespace xmr {

// Lists of one value for all parts, or of one value for each part.
struct FeatureJoin {
  std::vector<std::optional<Norm>> norms = {Norm::none};
  std::vector<float> weights = {1};
};

// The record of a part. Prediction requires the same part.
struct FeaturePart {
  std::uint64_t features = 0;
  bool is_dense = false;
  Norm norm = Norm::none;
  float weight = 1;
  std::string vectorizer;  // its fingerprint; empty if unknown

  bool operator==(const FeaturePart&) const = default;
};

// `check` applies to a single unchanged file; other files are read whole.
MatrixFile join_features(const std::vector<std::string>& paths, const FeatureJoin& how,
                         MatrixFile::Check check = MatrixFile::Check::all);
// Joins files by the record of `name`; without parts, a single unchanged file. Among several parts, sparse and dense
// must match the record.
MatrixFile join_features(const std::vector<std::string>& paths, std::span<const FeaturePart> parts,
                         const std::string& name, MatrixFile::Check check = MatrixFile::Check::all);

// The key under which parts are recorded.
inline constexpr const char* kFeatureParts = "x";

// Returns the parts recorded in `content` of a joined matrix or in the options of a model; none for a single unchanged
// file. FormatError with `name` if describe_parts() did not write the record.
std::vector<FeaturePart> feature_parts(const Json& content, const std::string& name);
Json describe_parts(std::span<const FeaturePart> parts);

}  // namespace xmr
