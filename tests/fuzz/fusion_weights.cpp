// Weights of a fusion, as JSON.
#include "xmr/combine/fusion.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file;
  const xmr::Fusion fusion(xmr::FusionWeights::read(file.holding(bytes)), 10);
}
