#pragma once
// Feature matrices side by side, as one X: the words of a text beside an embedding of it, sparse or dense. The rows of
// each are brought to norm 1 and multiplied by a weight, if that is wanted; the features of the second are numbered
// behind those of the first, and so on.
//
//   const MatrixFile x = join_features({"tfidf.npz", "embedding.npy"}, {.norms = {Norm::l2}, .weights = {1, 0.5F}});
//   const std::vector<FeaturePart> parts = feature_parts(x.content(), x.name());   // what a model records
//   const MatrixFile again = join_features({"tfidf-test.npz", "embedding-test.npy"}, parts, "model.npz");
//
// A norm that is not given is l2 for a matrix that no vectorizer of ours made and whose rows are not of length 1, else
// none. A single file as it is stays what it is, mapped if it is ours, and records nothing.
// Memory: 8 bytes an entry and 8 a row of the result (of a dense matrix all entries but zeros); while it is made that
// of the parts beside it. Errors: those of MatrixFile and hstack; ConfigError for lists of another length; DataError
// for files that are not what was recorded, and values that overflow by their weight. Thread rule: pure functions.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/json.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/operations.hpp"

namespace xmr {

// For all parts, or one for each.
struct FeatureJoin {
  std::vector<std::optional<Norm>> norms = {Norm::none};
  std::vector<float> weights = {1};
};

// The record of a part, by which prediction demands the same part.
struct FeaturePart {
  std::uint64_t features = 0;
  bool is_dense = false;
  Norm norm = Norm::none;
  float weight = 1;
  std::string vectorizer;  // fingerprint of what made it; empty if that is not known

  bool operator==(const FeaturePart&) const = default;
};

// `check`: of a single file as it is; others are read anyway.
MatrixFile join_features(const std::vector<std::string>& paths, const FeatureJoin& how,
                         MatrixFile::Check check = MatrixFile::Check::all);
// As recorded under `name`; without parts a single file as it is. Sparse and dense are told apart among several.
MatrixFile join_features(const std::vector<std::string>& paths, std::span<const FeaturePart> parts,
                         const std::string& name, MatrixFile::Check check = MatrixFile::Check::all);

// The key under which parts are recorded.
inline constexpr const char* kFeatureParts = "x";

// The parts that `content`, of a joined matrix or the options of a model, tells of; none of a single file as it is.
// FormatError with `name` for what was not written by describe_parts().
std::vector<FeaturePart> feature_parts(const Json& content, const std::string& name);
Json describe_parts(std::span<const FeaturePart> parts);

}  // namespace xmr
