// xmr-inspect show: prints the kind and the content of a file, for people or, with --json, for programs.

#include <string>
#include <vector>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/json_file.hpp"

#include "common/options.hpp"
#include "xmr-inspect/commands.hpp"
#include "xmr-inspect/describe.hpp"
#include "xmr-inspect/input.hpp"
#include "xmr-inspect/report.hpp"

namespace xmr {
namespace tools {
namespace {

struct ShowOptions {
  std::vector<std::string> files;
  bool json = false;

  void add_to(CLI::App& app) {
    app.add_option("FILE", files, "Files of any kind to show; - is stdin")->required();
    app.add_flag("--json", json, "Print one JSON object a file");
  }
};

void show(const ShowOptions& options, Run& run) {
  check_dash_once("stdout", {{"-", run.common().stats}});
  OutputFile out("-");
  for (const std::string& file : reopenable(options.files)) {
    const Json facts = describe(file);
    if (options.json) {
      Json line = {{"file", file}};
      line.update(facts);
      out.write(line.dump() + '\n');
    } else {
      out.write(printable(file) + '\n' + as_text(facts));
    }
    out.flush();
  }
  out.commit();
}

}  // namespace

void add_show(Tool& tool) {
  tool.command("show", "Shows what files are and what they hold.", "xmr-inspect show model.npz", show);
}

}  // namespace tools
}  // namespace xmr
