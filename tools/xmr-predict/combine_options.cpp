#include "xmr-predict/combine_options.hpp"

#include <fmt/format.h>

#include "xmr/util/error.hpp"

#include "common/options.hpp"

namespace xmr::tools {

std::vector<CLI::Option*> CombineOptions::add_to(CLI::App& app) {
  return {add_named(app, "--combine", method, "Method that joins rankings; default: weighted with --weights, else rrf"),
          app.add_option("--weights", weights, "Weights of xmr-eval fit-fusion, for the same rankings in this order")
              ->type_name("FILE")};
}

void CombineOptions::check() const {
  const bool weighted = fusion_method() == FusionMethod::weighted;
  if (weighted && weights.empty()) throw ConfigError("--combine weighted: needs --weights");
  if (!weighted && !weights.empty())
    throw ConfigError(fmt::format("--weights: --combine {} does not read it", name_of(fusion_method())));
}

Combination CombineOptions::combination(std::size_t lists) const {
  Combination combination{.method = fusion_method()};
  if (combination.method != FusionMethod::weighted) return combination;
  combination.weights = FusionWeights::read(weights);
  if (combination.weights->lists != lists)
    throw DataError(weights, fmt::format("weights of {} lists, but {} were given", combination.weights->lists, lists));
  return combination;
}

FusionMethod CombineOptions::fusion_method() const {
  return method.value_or(weights.empty() ? FusionMethod::rrf : FusionMethod::weighted);
}

}  // namespace xmr::tools
