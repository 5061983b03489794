#include "common/feature_options.hpp"

#include <fmt/format.h>

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
  std::vector<std::string> words = {"auto"};
  for (const std::string_view name : names_of<Norm>())
    words.emplace_back(name);
  app.add_option(
         "--x-norms", norms,
         "Norm that each row of X is divided by: one for all matrices, or one for each, separated by commas. auto: "
         "l2 for a matrix that xmr-featurize did not make and whose rows are not of length 1, else none")
      ->delimiter(',')
      ->check(one_of(words))
      ->type_name("LIST")
      ->default_str("auto");
  app.add_option("--x-weights", weights,
                 "Factor that each matrix is multiplied by after that: one for all, or one for each")
      ->delimiter(',')
      ->transform(range(kSmallest, kLargest))
      ->type_name("LIST")
      ->default_str("1");
}

void FeatureOptions::require_single(const char* option) const {
  if (paths.size() > 1)
    throw ConfigError(fmt::format("{}: there are {} matrices of features, but a text makes one", option, paths.size()));
}

MatrixFile FeatureOptions::read(Observer& observer, bool makes_text_model, MatrixFile::Check check) const {
  FeatureJoin how{.norms = {}, .weights = weights};
  bool chooses = false;
  for (const std::string& norm : norms) {
    const bool is_auto = norm == "auto" && !makes_text_model;
    chooses |= is_auto;
    how.norms.push_back(is_auto ? std::nullopt
                                : std::optional(norm == "auto" ? Norm::none : parse_named<Norm>("--x-norms", norm)));
  }
  MatrixFile x = join_features(paths, how, check);
  const std::vector<FeaturePart> parts = feature_parts(x.content(), x.name());
  for (std::size_t i = 0; chooses && i < parts.size(); ++i)
    if (parts[i].norm == Norm::l2 && norms[norms.size() == 1 ? 0 : i] == "auto")
      observer.warn(
          fmt::format("{}: rows are not of length 1 and are divided by their length, here and in "
                      "xmr-predict; --x-norms none keeps them",
                      paths[i]));
  return x;
}

}  // namespace xmr::tools
