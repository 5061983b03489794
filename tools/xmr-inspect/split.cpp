// xmr-inspect split: a model in pieces, for several machines.

#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "xmr/combine/calibration.hpp"
#include "xmr/model/shard.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-inspect/commands.hpp"

namespace xmr::tools {
namespace {

struct SplitOptions {
  std::string model, output;
  std::uint32_t shards = 0;

  void add_to(CLI::App& app) {
    app.add_option("MODEL", model, "A model of xmr-train, or a top")->required();
    app.add_option("--shards", shards, "Files that the last level is cut into")
        ->transform(range(1U, 100000U))
        ->default_str("")
        ->required();
    app.add_option("-o,--output", output, "Folder of top.npz and shard-0.npz, ..., which must not be there yet")
        ->type_name("FOLDER")
        ->required();
  }
};

void run_split(const SplitOptions& options, Run& run) {
  if (options.output == "-") throw ConfigError("-o -: the pieces go to a folder, which cannot be sent to stdout");
  const XrLinearModel model = XrLinearModel::open(options.model);
  if (Calibration::is_in(model.file()))
    run.observer().warn(
        fmt::format("the calibration of {} is left out: it belongs to the answers of all shards", model.name()));
  const Phase phase(run.observer(), "split", std::uint64_t{options.shards} + 1, "files");
  split(model, options.shards, options.output, run.observer());
  run.record("shards", options.shards);
}

}  // namespace

void add_split(Tool& tool) {
  tool.command(
      "split",
      "Takes the last level off a model, for one that fits on no machine: a top, which finds nodes, and shards, "
      "which rank the labels below them. A top that is still too large is split again.",
      "xmr-inspect split model.npz --shards 4 -o pieces\n"
      "xmr-predict -m pieces/top.npz -x X.npz -k 10 -o nodes.npz\n"
      "xmr-predict -m pieces/shard-3.npz -x X.npz --below nodes.npz \\\n"
      "  -o part-3.npz\n"
      "xmr-predict merge part-[0-3].npz -o P.npz",
      run_split);
}

}  // namespace xmr::tools
