// xmr-featurize: turns text into sparse features X and labels Y.

#include "common/tool.hpp"
#include "xmr-featurize/commands.hpp"

int main(int argc, char** argv) {
  using namespace xmr::tools;
  Tool tool("xmr-featurize", "Turns text into sparse features X and labels Y.",
            "xmr-featurize fit -o vec.npz train.tsv\n"
            "xmr-featurize apply -f vec.npz -x X.npz -y Y.npz --labels labels.txt train.tsv\n"
            "xmr-index -x X.npz -y Y.npz -o tree.npz");
  add_fit(tool);
  add_merge(tool);
  add_apply(tool);
  add_import(tool);
  add_sessions(tool);
  add_labels(tool);
  return tool.main(argc, argv);
}
