#include "xmr-predict/combine_options.hpp"

#include <fmt/format.h>

#include "xmr/util/error.hpp"

#include "common/options.hpp"

namespace xmr::tools {

std::vector<CLI::Option*> CombineOptions::add_to(CLI::App& app) {
  return {app.add_option("--combine", method,
                         "How: average, rank, softmax, rrf or weighted; default: weighted with --weights, else rrf")
              ->type_name("METHOD")
              ->check(one_of({"average", "rank", "softmax", "rrf", "weighted"})),
          app.add_option("--weights", weights, "Weights of xmr-eval fit-fusion, for the same systems in the same order")
              ->type_name("FILE")};
}

void CombineOptions::check() const {
  const bool weighted = fusion_method() == FusionMethod::weighted;
  if (weighted && weights.empty()) throw ConfigError("--combine weighted: it needs --weights");
  if (!weighted && !weights.empty())
    throw ConfigError(fmt::format("--weights: --combine {} has none", name_of(fusion_method())));
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
  if (method.empty()) return weights.empty() ? FusionMethod::rrf : FusionMethod::weighted;
  return parse_fusion_method(method);
}

}  // namespace xmr::tools
