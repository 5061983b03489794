#include "xmr/train/train_record.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

std::string names_of(const Negatives& negatives) {
  std::string names;
  for (const auto& [has, name] : {std::pair(negatives.teacher_forcing, "+tfn"), std::pair(negatives.matcher, "+man"),
                                  std::pair(negatives.given, "+given")})
    if (has) names += name;
  return names.empty() ? names : names.substr(1);
}

Negatives negatives_of(const std::string& names) {
  const auto has = [&](std::string_view name) { return ("+" + names + "+").find(name) != std::string::npos; };
  return {.teacher_forcing = has("+tfn+"), .matcher = has("+man+"), .given = has("+given+")};
}

// Returns one value if all levels have the same.
template <class Value>
Json list_of(const TrainOptions& options, std::size_t first, const Value& value) {
  Json values = Json::array();
  for (std::size_t level = options.levels.size() == 1 ? 0 : first; level < options.levels.size(); ++level)
    values.push_back(value(options.levels[level]));
  const auto is_first = [&](const Json& one) { return one == values.front(); };
  if (!std::ranges::all_of(values.values(), is_first)) return values;
  Json one = Json::array();
  one.push_back(values.front());
  return one;
}

template <class Value>
Json one_or_list(const TrainOptions& options, const Value& value) {
  Json values = list_of(options, 0, value);
  return values.size() == 1 ? values.front() : values;
}

// Reads one value for all levels, or one for each of `levels` levels. Returns one for each level.
template <class T>
std::vector<T> values_of(const NpzFile& file, const Json& object, const char* key, std::size_t levels) {
  const Json value = meta_value<Json>(file, object, key);
  std::vector<T> values;
  try {
    values = value.is_array() ? value.get<std::vector<T>>() : std::vector<T>{value.get<T>()};
  } catch (const JsonError&) {
    throw FormatError(file.name(), fmt::format("meta.json: bad \"{}\"", key));
  }
  if (values.size() != 1 && values.size() != levels)
    throw FormatError(file.name(),
                      fmt::format("meta.json: \"{}\" has {} values for {} levels", key, values.size(), levels));
  if (values.size() == 1) values.resize(levels, values.front());
  return values;
}

}  // namespace

Json describe(const TrainOptions& options) {
  const SolverOptions& solver = options.of(0).solver;
  Json record = {
      {"loss", name_of(solver.loss)},
      {"cost_positive", one_or_list(options, [](const LevelOptions& of) { return of.solver.cost_positive; })},
      {"cost_negative", one_or_list(options, [](const LevelOptions& of) { return of.solver.cost_negative; })},
      {"bias", solver.bias},
      {"eps", solver.eps},
      {"max_iterations", solver.max_iterations},
      {"threshold", one_or_list(options, [](const LevelOptions& of) { return of.keep.threshold; })},
      {"top_weights", one_or_list(options, [](const LevelOptions& of) { return of.keep.top_weights; })},
      {"negatives", list_of(options, 1, [](const LevelOptions& of) { return names_of(of.negatives); })},
      {"relevance", name_of(options.relevance.levels)},
      {"relevance_norm", name_of(options.relevance.norm)},
      {"seed", options.seed}};
  // Only where it differs: an absent one is that of positive weights.
  const auto same = [](const LevelOptions& of) { return of.keep.threshold == of.keep.threshold_negative; };
  if (!std::ranges::all_of(options.levels, same))
    record["threshold_negative"] =
        one_or_list(options, [](const LevelOptions& of) { return of.keep.threshold_negative; });
  return record;
}

TrainOptions read_train_options(const NpzFile& file, const Json& content, std::uint64_t depth) {
  const Json from = meta_value<Json>(file, content, "options");
  const auto positive = values_of<float>(file, from, "cost_positive", depth);
  const auto negative = values_of<float>(file, from, "cost_negative", depth);
  const auto threshold = values_of<float>(file, from, "threshold", depth);
  const bool has_negative = from.find("threshold_negative") != nullptr;
  const auto threshold_negative =
      values_of<float>(file, from, has_negative ? "threshold_negative" : "threshold", depth);
  const auto top_weights = values_of<std::uint32_t>(file, from, "top_weights", depth);
  const auto negatives = values_of<std::string>(file, from, "negatives", std::max<std::uint64_t>(depth, 2) - 1);
  LevelOptions common;
  common.solver.loss = meta_named<Loss>(file, from, "loss");
  common.solver.bias = meta_value<float>(file, from, "bias");
  common.solver.eps = meta_value<float>(file, from, "eps");
  common.solver.max_iterations =
      static_cast<std::uint32_t>(meta_count(file, from, "max_iterations", std::numeric_limits<std::uint32_t>::max()));
  common.keep.type = read_weight_type(file, content);
  TrainOptions options;
  options.levels.assign(depth, common);
  for (std::size_t level = 0; level < depth; ++level) {
    LevelOptions& to = options.levels[level];
    to.solver.cost_positive = positive[level];
    to.solver.cost_negative = negative[level];
    to.keep.threshold = threshold[level];
    to.keep.threshold_negative = threshold_negative[level];
    to.keep.top_weights = top_weights[level];
    if (level > 0) to.negatives = negatives_of(negatives[level - 1]);
  }
  options.seed = meta_count(file, from, "seed", std::numeric_limits<std::uint64_t>::max());
  options.relevance = {.levels = meta_named<Relevance>(file, from, "relevance"),
                       .norm = meta_named<Norm>(file, from, "relevance_norm")};
  options.matcher = search_of(read_defaults(file, meta_value<Json>(file, content, "predict"), depth));
  return options;
}

}  // namespace xmr
