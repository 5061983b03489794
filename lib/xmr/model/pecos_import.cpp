#include "xmr/model/pecos_import.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "xmr/index/cluster_chain.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/json_file.hpp"
#include "xmr/model/level_matrix.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kMaxLevels = 64;

// Content of the files of a level except its weights.
struct Level {
  std::string folder;
  std::uint64_t nodes = 0;
  float bias = 0;  // 0: W has no row for it
  std::uint32_t only_topk = 0;
  std::string post_processor = {};
};

void refuse_mapped(const JsonObject& param) {
  if (param.flag_or("is_mmap", false))
    throw FormatError(param.path(), "is a memory-mapped model, whose arrays are those of one machine",
                      "save the model in PECOS without is_mmap, as npz");
}

Level read_level(const std::string& folder, std::uint64_t features) {
  const JsonObject param(folder + "/param.json");
  refuse_mapped(param);
  Level level{.folder = folder, .nodes = param.count("nr_labels", 1, kMaxColumns)};
  if (const std::uint64_t found = param.count("nr_features", 0, kNoFeature); found != features)
    throw FormatError(param.path(), fmt::format("{} features, but the model has {}", found, features));
  const double bias = param.number("bias");
  if (bias > std::numeric_limits<float>::max()) throw FormatError(param.path(), "\"bias\" is too large");
  level.bias = bias > 0 ? static_cast<float>(bias) : 0;
  const JsonObject prediction = param.object("pred_kwargs");
  level.only_topk =
      static_cast<std::uint32_t>(prediction.count("only_topk", 1, std::numeric_limits<std::int32_t>::max()));
  level.post_processor = prediction.text("post_processor");
  return level;
}

ChainLevel read_children(const Level& level) {
  ChainLevel children = read_chain_level(level.folder + "/C.npz");
  if (children.children.cols() != level.nodes)
    throw DataError(children.name,
                    fmt::format("{} rows, but param.json says {} nodes", children.children.cols(), level.nodes));
  return children;
}

// Returns the weights with a row for each node.
CsrMatrix read_weights(const Level& level, std::uint64_t features) {
  const std::string path = level.folder + "/W.npz";
  CsrMatrix weights = read_columns(path);
  const std::uint64_t rows = features + (level.bias > 0 ? 1 : 0);
  if (weights.rows() != level.nodes || weights.cols() != rows)
    throw DataError(path, fmt::format("{} x {}, but {} features{} x {} nodes are needed", weights.cols(),
                                      weights.rows(), features, level.bias > 0 ? " and the bias" : "", level.nodes));
  weights.set_cols(features + 1);
  return weights;
}

PredictDefaults defaults_of(const std::vector<Level>& levels) {
  PredictDefaults defaults{.post_processor = levels.front().post_processor, .ties = TieRule::position};
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i].post_processor != defaults.post_processor)
      throw FormatError(levels[i].folder + "/param.json",
                        fmt::format("the post-processor is {}, but {} at level 0; one for all levels is read",
                                    quote(levels[i].post_processor), quote(defaults.post_processor)));
    if (i + 1 < levels.size()) defaults.level_beams.push_back(levels[i].only_topk);
  }
  // A single level has no beam above the labels.
  defaults.beam = defaults.level_beams.empty() ? levels.back().only_topk : std::ranges::max(defaults.level_beams);
  if (std::ranges::all_of(defaults.level_beams, [&](std::uint32_t beam) { return beam == defaults.beam; }))
    defaults.level_beams.clear();
  return defaults;
}

Json record_of(const std::vector<Level>& levels) {
  Json bias = Json::array(), only_topk = bias;
  for (const Level& level : levels) {
    bias.push_back(level.bias);
    only_topk.push_back(level.only_topk);
  }
  return {{"pecos", {{"bias", std::move(bias)}, {"only_topk", std::move(only_topk)}}}};
}

}  // namespace

PecosModel read_pecos_model(const std::string& folder, Parallel& parallel) {
  const std::string ranker = folder + "/ranker";
  const JsonObject param(ranker + "/param.json");
  refuse_mapped(param);
  const std::uint64_t depth = param.count("depth", 1, kMaxLevels);
  PecosModel model;
  model.features = param.count("nr_features", 0, kNoFeature - 1);
  std::vector<Level> levels;
  std::vector<ChainLevel> chain;
  for (std::uint64_t number = 0; number < depth; ++number) {
    levels.push_back(read_level(fmt::format("{}/{}.model", ranker, number), model.features));
    chain.push_back(read_children(levels.back()));
  }
  if (const std::uint64_t labels = param.count("nr_labels", 1, kMaxColumns); labels != levels.back().nodes)
    throw FormatError(param.path(), fmt::format("{} labels, but the last level has {}", labels, levels.back().nodes));
  model.defaults = defaults_of(levels);
  model.options = record_of(levels);
  TreeOfChain made = tree_of_chain(chain, Unplaced::allow);
  model.tree = std::move(made.tree);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const CsrMatrix weights = read_weights(levels[i], model.features);
    model.levels.push_back(
        level_chunks(weights, made.nodes[i], levels[i].bias, model.tree, i, WeightType::f4, parallel));
  }
  return model;
}

}  // namespace xmr
