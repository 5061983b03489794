// xmr-inspect export-pecos: a model as PECOS reads it.

#include <cstdint>
#include <limits>
#include <string>

#include "xmr/model/pecos_export.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-inspect/commands.hpp"

namespace xmr::tools {
namespace {

struct ExportOptions {
  std::string model, output;
  std::uint32_t k = 10;

  void add_to(CLI::App& app) {
    app.add_option("MODEL", model, "XR-Linear model to export")->required();
    app.add_option("-o,--output", output, "Folder to create")->type_name("FOLDER")->required();
    app.add_option("-k,--top", k, "Number of answers of PECOS to a row by default (only_topk)")
        ->transform(range(std::uint32_t{1}, static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())));
  }
};

void export_pecos(const ExportOptions& options, Run& run) {
  if (options.output == "-") throw ConfigError("-o: a folder cannot be written to stdout");
  const XrLinearModel model = XrLinearModel::open(options.model);
  write_pecos_model(model, options.output, options.k);
  run.record("features", model.features());
  run.record("labels", model.labels());
}

}  // namespace

void add_export_pecos(Tool& tool) {
  tool.command("export-pecos", "Writes an XR-Linear model as a folder that PECOS loads.",
               "xmr-inspect export-pecos model.npz -o pecos-model", export_pecos);
}

}  // namespace xmr::tools
