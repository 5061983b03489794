#include "xmr-predict/rescoring_options.hpp"

#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "common/options.hpp"

namespace xmr::tools {

void RescoringOptions::add_to(CLI::App& app) {
  const auto add = [](CLI::Option* option) { return option->group("Scores"); };
  add(app.add_option(
          "--calibration", calibration,
          "Calibration of xmr-eval fit-calibration, which turns scores into probabilities; default: that of the "
          "model"))
      ->type_name("FILE");
  add(app.add_flag("--raw-scores", raw_scores, "Prints scores without the calibration of the model"));
  add(app.add_option("--min-score", min_score, "Smallest score of an answer; default: none"))
      ->transform(range(-1e30F, 1e30F))
      ->default_str("");
  CLI::Option* const propensities =
      add(app.add_option("--train-y", train_truth,
                         "Labels of the training rows, a matrix: ranks --candidates answers by probability over "
                         "propensity, so that rare labels come first"))
          ->type_name("FILE");
  add(app.add_option("--propensity-a", propensity.a, "Parameter A of the propensity model (Jain et al., 2016)"))
      ->transform(range(0.0, 10.0))
      ->needs(propensities);
  add(app.add_option("--propensity-b", propensity.b, "Parameter B of the propensity model"))
      ->transform(range(1e-3, 1e6))
      ->needs(propensities);
}

void RescoringOptions::check() const {
  if (raw_scores && !calibration.empty())
    throw ConfigError(fmt::format("--raw-scores and --calibration {} exclude each other", calibration));
}

Rescorer::Rescorer(const RescoringOptions& options, const ModelSet& models, bool scores_otherwise)
    : min_score_(options.min_score) {
  if (!options.calibration.empty()) {
    calibration_ = Calibration::read(NpzFile(options.calibration));
    calibration_->require_labels(models.labels(), options.calibration);
  } else if (models.size() == 1 && models[0].calibration() != nullptr && !options.raw_scores && !scores_otherwise) {
    calibration_ = *models[0].calibration();
  }
  if (options.train_truth.empty()) return;
  if (!calibration_)
    throw ConfigError("--train-y: needs probabilities", "xmr-eval fit-calibration makes the file for --calibration");
  const MatrixFile train(options.train_truth);
  if (train.view().cols != models.labels())
    throw DataError(train.name(),
                    fmt::format("{} labels, but {} has {}", train.view().cols, models[0].name(), models.labels()));
  for (const double weight : inverse_propensities(train.view(), options.propensity))
    weights_.push_back(static_cast<float>(weight));
}

std::unique_ptr<Ranker> Rescorer::rescored(std::unique_ptr<Ranker> ranker, std::uint32_t k) const {
  Rescoring rescoring{.min_score = min_score_, .weights = weights_};
  if (calibration_) {
    rescoring.calibration = &*calibration_;
    rescoring.thresholds = calibration_->thresholds();
  }
  if (!is_wanted()) return ranker;
  return std::make_unique<RescoredRanker>(std::move(ranker), rescoring, k);
}

void Rescorer::describe(Json& content) const {
  if (calibration_) content["calibration"] = calibration_->fingerprint();
  if (min_score_) content["min_score"] = *min_score_;
  if (reorders()) content["propensities"] = Fingerprint().add(std::span<const float>(weights_)).hex();
}

}  // namespace xmr::tools
