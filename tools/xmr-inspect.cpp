// xmr-inspect: shows, checks, converts, cuts and prunes the files of the other tools.

#include "xmr-inspect/commands.hpp"

int main(int argc, char** argv) {
  using namespace xmr::tools;
  Tool tool("xmr-inspect", "Shows, checks, converts, cuts and prunes the files of the other tools.",
            "xmr-featurize apply -f vec.npz -x X.npz -y Y.npz corpus.tsv\n"
            "xmr-inspect verify X.npz Y.npz\n"
            "xmr-inspect slice X.npz Y.npz --share 0.9 -o X1.npz Y1.npz \\\n"
            "  --rest X2.npz Y2.npz\n"
            "xmr-index -x X1.npz -y Y1.npz -o tree.npz");
  add_show(tool);
  add_verify(tool);
  add_convert(tool);
  add_slice(tool);
  add_concat(tool);
  add_prune(tool);
  add_split(tool);
  add_import_pecos(tool);
  add_export_pecos(tool);
  return tool.main(argc, argv);
}
