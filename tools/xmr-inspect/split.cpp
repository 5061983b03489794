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
    app.add_option("MODEL", model, "XR-Linear model of xmr-train, or a top")->required();
    app.add_option("--shards", shards, "Number of shards of the last level")
        ->transform(range(1U, 100000U))
        ->default_str("")
        ->required();
    app.add_option("-o,--output", output, "Folder to create, with top.npz, shard-0.npz, ...")
        ->type_name("FOLDER")
        ->required();
  }
};

void run_split(const SplitOptions& options, Run& run) {
  if (options.output == "-") throw ConfigError("-o: a folder cannot be written to stdout");
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
      "Splits a model that is too large for a machine into a top, which finds nodes, and shards, which rank the labels "
      "below them. A top that is still too large is split again.",
      "xmr-inspect split model.npz --shards 4 -o pieces\n"
      "xmr-predict -m pieces/top.npz -x X.npz -k 10 -o nodes.npz\n"
      "xmr-predict -m pieces/shard-3.npz -x X.npz --below nodes.npz \\\n"
      "  -o part-3.npz\n"
      "xmr-predict merge part-[0-3].npz -o P.npz",
      run_split);
}

}  // namespace xmr::tools
