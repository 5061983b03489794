#pragma once
// Reads a matrix (rows x labels) from a file that holds one, or from predictions, whose answers have weight 1. A pipe,
// which can be read only once, and an npz file of another program hold a matrix. Throws as MatrixFile and
// PredictionFile do.

#include <string>

#include "xmr/sparse/matrix_file.hpp"

namespace xmr::tools {

MatrixFile read_matrix_or_predictions(const std::string& path);

}  // namespace xmr::tools
