// xmr-inspect: shows, checks, converts and cuts the files of the other tools.

#include "xmr-inspect/commands.hpp"

int main(int argc, char** argv) {
  using namespace xmr::tools;
  Tool tool("xmr-inspect", "Shows, checks, converts and cuts the files of the other tools.",
            "xmr-inspect verify X.npz Y.npz && xmr-inspect slice X.npz Y.npz -o X.train.npz Y.train.npz --share 0.9 "
            "--rest X.valid.npz Y.valid.npz");
  add_show(tool);
  add_verify(tool);
  add_convert(tool);
  add_slice(tool);
  return tool.main(argc, argv);
}
