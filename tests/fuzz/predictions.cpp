// Rankings as TSV, JSON lines or npz, with labels' names and without.
#include "xmr/sparse/predictions.hpp"

#include "xmr/io/names.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file, keys;
  static const xmr::LabelNames names = xmr::LabelNames::read(keys.holding("kettle\nlamp\niron\t7\n"));
  const std::string& path = file.holding(with_right_checksums(bytes));
  either(
      [&] {
        const xmr::PredictionFile by_key(path, &names, xmr::PredictionShape{4, 3});
      },
      [&] {
        const xmr::PredictionFile by_id(path, nullptr, xmr::PredictionShape{100, 1000});
      });
}
