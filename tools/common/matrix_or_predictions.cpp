#include "common/matrix_or_predictions.hpp"

#include <filesystem>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/sparse/predictions.hpp"

namespace xmr::tools {

namespace {

bool is_predictions(const std::string& path) {
  if (!std::filesystem::is_regular_file(path) || recognize(MappedFile(path).bytes()) != FileKind::npz) return false;
  const NpzFile file(path);
  return file.has_meta() && file.meta().kind == "predictions";
}

}  // namespace

MatrixFile read_matrix_or_predictions(const std::string& path) {
  if (!is_predictions(path)) return MatrixFile(path);
  return {path, answers_as_truth(PredictionFile(path).view()), Json::object()};
}

}  // namespace xmr::tools
