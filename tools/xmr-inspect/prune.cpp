// xmr-inspect prune: a finished model with fewer weights.

#include "xmr/model/prune.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "xmr/combine/calibration.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "xmr-inspect/commands.hpp"

namespace xmr::tools {
namespace {

struct PruneCommand {
  std::string model, output;
  float threshold = 0;
  std::uint32_t top_weights = 0;
  std::optional<std::uint64_t> size;  // bytes
  std::optional<std::size_t> levels;

  void add_to(CLI::App& app) {
    app.add_option("MODEL", model, "XR-Linear model of xmr-train")->required();
    app.add_option("-o,--output", output, "Pruned model to write")->type_name("FILE")->required();
    const auto rule = [&](const char* name, auto& value, const char* about) {
      return app.add_option(name, value, about)->group("Weights that are kept");
    };
    rule("--threshold", threshold, "Smallest size of a weight that is kept")->transform(range(0.0F));
    rule("--top-weights", top_weights, "Number of weights kept in a ranker, largest first; 0 keeps all")
        ->transform(range(std::uint32_t{0}));
    rule("--size", size, "Size of the file, as 100M or 2G; the largest weights that fit are kept")
        ->type_name("SIZE")
        ->transform(size_in_bytes())
        ->excludes("--threshold");
    rule("--keep-levels", levels,
         "Number of upper levels that are kept; the nodes of the last one become the labels of a matcher")
        ->type_name("N")
        ->transform(range(std::size_t{1}, std::size_t{63}))
        ->excludes("--size");
  }

  void check(const std::string& stats) const {
    if (threshold == 0 && top_weights == 0 && !size && !levels)
      throw ConfigError("at least one of --threshold, --top-weights, --size and --keep-levels is required");
    check_dash_once("stdout", {{output, stats}});
  }
};

std::uint64_t chunk_bytes(const XrLinearModel& model) {
  std::uint64_t bytes = 0;
  for (std::size_t level = 0; level < model.tree().depth(); ++level)
    bytes += model.level_size(level);
  return bytes;
}

std::uint64_t parents(const LabelTree& tree) {
  std::uint64_t count = 0;
  for (std::size_t level = 0; level < tree.depth(); ++level)
    count += tree.parents(level);
  return count;
}

// Bytes, more than the record of the pruning adds to meta.json, with padding.
constexpr std::uint64_t kRecord = 512;

// Returns the bytes left for chunks in a file of --size bytes.
std::uint64_t bytes_for_chunks(const PruneCommand& options, const XrLinearModel& model, std::uint64_t file_size) {
  const std::uint64_t wanted = *options.size;
  const std::uint64_t others = file_size - chunk_bytes(model) + kRecord;
  if (wanted <= others)
    throw DataError(options.model, fmt::format("parts other than weights take {:.2f} MiB, more than --size",
                                               static_cast<double>(others) / 1024 / 1024));
  return wanted - others;
}

void run_prune(const PruneCommand& options, Run& run) {
  options.check(run.common().stats);
  NpzFile file(options.model);
  const std::uint64_t file_size = file.bytes().size();
  const XrLinearModel model = XrLinearModel::open(std::move(file));
  if (Calibration::is_in(model.file()))
    run.observer().warn(
        fmt::format("the calibration of {} is left out: it belongs to the scores of all weights", model.name()));
  NpzWriter out(options.output);
  const std::size_t depth = model.tree().depth();
  PruneOptions rules{options.threshold, options.top_weights, options.levels.value_or(depth)};
  if (rules.levels > depth)
    throw ConfigError(
        fmt::format("--keep-levels: {} is outside 1..{}, the levels of {}", rules.levels, depth, model.name()));
  const bool is_whole = rules.levels == depth;
  if (options.size) {
    const Phase phase(run.observer(), "search threshold", 0, "parents");
    rules.threshold =
        threshold_for_size(model, bytes_for_chunks(options, model, file_size), options.top_weights, run.parallel());
  }
  std::vector<LevelChunks> chunks;
  {
    const Phase phase(run.observer(), "prune", parents(model.tree()), "parents");
    chunks = prune(model, rules, run.parallel());
  }
  Json trained = model.content().at("options");
  trained["prune"] = {{"threshold", rules.threshold}, {"top_weights", rules.top_weights}};
  if (!is_whole) trained["prune"]["levels"] = rules.levels;
  PredictDefaults defaults = model.defaults();
  if (!defaults.level_beams.empty()) defaults.level_beams.resize(rules.levels - 1);
  const LabelTree upper = is_whole ? LabelTree() : model.tree().first_levels(rules.levels);
  write_model(std::move(out), {.tree = is_whole ? model.tree() : upper,
                               .features = model.features(),
                               .weight_type = model.weight_type(),
                               .levels = chunks,
                               .defaults = std::move(defaults),
                               .vectorizer = model.vectorizer(),
                               .vectorizer_fingerprint = model.vectorizer_fingerprint(),
                               .names = is_whole ? model.names() : StoredNames{},
                               .options = std::move(trained)});
  run.record("threshold", rules.threshold);
  run.record("bytes_before", file_size);
}

}  // namespace

void add_prune(Tool& tool) {
  tool.command("prune", "Drops small weights of a trained model, for a smaller file and faster answers.",
               "xmr-inspect prune model.npz --threshold 0.2 -o small.npz\n"
               "xmr-inspect prune model.npz --size 100M -o small.npz\n"
               "xmr-predict -m small.npz -x X.npz -o P.npz && xmr-eval -y Y.npz P.npz",
               run_prune);
}

}  // namespace xmr::tools
