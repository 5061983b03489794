#include "common/feature_options.hpp"

#include <fmt/format.h>

#include "xmr/featurize/options.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"

namespace xmr::tools {

void FeatureOptions::add_to(CLI::App& app) {
  constexpr float kLargest = 1e6F, kSmallest = 1e-6F;
  app.add_option("-x,--x", paths,
                 "Features of the instances, a matrix, sparse or dense; several, each with its -x, stand side by side")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->required();
  app.add_option("--x-norms", norms,
                 "Norm that each row of X is divided by: one for all matrices, or one for each, separated by commas")
      ->delimiter(',')
      ->check(one_of({"none", "l1", "l2", "max"}))
      ->type_name("LIST")
      ->default_str("none");
  app.add_option("--x-weights", weights,
                 "Factor that each matrix is multiplied by after that: one for all, or one for each")
      ->delimiter(',')
      ->transform(range(kSmallest, kLargest))
      ->type_name("LIST")
      ->default_str("1");
}

void FeatureOptions::require_single(const char* option) const {
  if (paths.size() > 1)
    throw ConfigError(fmt::format("{}: there are {} matrices of features, and a text makes one", option, paths.size()));
}

MatrixFile FeatureOptions::read(MatrixFile::Check check) const {
  SideBySide how{.norms = {}, .weights = weights};
  for (const std::string& norm : norms)
    how.norms.push_back(parse_norm(norm));
  return join_features(paths, how, check);
}

}  // namespace xmr::tools
