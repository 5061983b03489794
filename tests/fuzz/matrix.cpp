// A sparse matrix, ours or SciPy's, and an operation on it; .npy files too.
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/operations.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file;
  const xmr::MatrixFile matrix(file.holding(with_right_checksums(bytes)));
  if (matrix.view().cols < 100000 && matrix.view().rows < 100000) transpose(matrix.view());
}
