// A model folder of PECOS.
#include "xmr/model/pecos_import.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFolder folder({"ranker/param.json", "ranker/0.model/param.json", "ranker/0.model/C.npz",
                              "ranker/0.model/W.npz", "ranker/1.model/param.json", "ranker/1.model/C.npz",
                              "ranker/1.model/W.npz"});
  static xmr::Parallel parallel(1);
  const xmr::PecosModel model = xmr::read_pecos_model(folder.holding(bytes), parallel);
  for (const xmr::LevelChunks& level : model.levels)
    for (const std::string& chunk : level)
      if (chunk.empty()) __builtin_trap();
  model.tree.fingerprint();
}
