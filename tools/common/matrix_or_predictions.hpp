#pragma once
// A matrix of rows × labels from a file that holds one, or predictions: their answers, each with weight 1, by label.
// What comes through a pipe, which can be read once only, is a matrix; so are npz files of other programs.
// Errors: those of MatrixFile and PredictionFile.

#include <string>

#include "xmr/sparse/matrix_file.hpp"

namespace xmr::tools {

MatrixFile read_matrix_or_predictions(const std::string& path);

}  // namespace xmr::tools
