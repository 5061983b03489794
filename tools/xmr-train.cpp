// xmr-train: makes a model from instances and their labels.

#include "xmr-train/commands.hpp"

int main(int argc, char** argv) {
  using namespace xmr::tools;
  Tool tool("xmr-train",
            "Trains a model. Each kind of model is a command; without a command, trains an XR-Linear model as "
            "`xmr-train linear` does.",
            "xmr-index -x X.npz -y Y.npz -o tree.npz\n"
            "xmr-train -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt \\\n"
            "  -o model.npz");
  add_linear(tool);
  add_bm25(tool);
  add_completion(tool);
  add_update(tool);
  add_retrieval(tool);
  add_parts(tool);
  return tool.main(argc, argv);
}
