// xmr-inspect show: what a file is and what it holds, for people or, with --format jsonl, for programs.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "xmr/io/file.hpp"
#include "xmr/io/json_file.hpp"

#include "common/options.hpp"
#include "xmr-inspect/commands.hpp"
#include "xmr-inspect/describe.hpp"
#include "xmr-inspect/input.hpp"
#include "xmr-inspect/report.hpp"

namespace xmr::tools {
namespace {

struct ShowOptions {
  std::vector<std::string> files;
  std::string format = "text";

  void add_to(CLI::App& app) {
    app.add_option("FILE", files, "Files of any kind; - is stdin")->required();
    app.add_option("--format", format, "Format of the result: text for people, or a line of JSON for each file")
        ->check(one_of({"text", "jsonl"}))
        ->type_name("FORMAT");
  }
};

void show(const ShowOptions& options, Run& run) {
  check_dash_once("stdout", {{"-", run.common().stats}});
  OutputFile out("-");
  for (const std::string& file : reopenable(options.files)) {
    const nlohmann::ordered_json facts = describe(file);
    if (options.format == "jsonl") {
      nlohmann::ordered_json line = {{"file", file}};
      line.update(facts);
      out.write(json_line(line) + '\n');
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

}  // namespace xmr::tools
