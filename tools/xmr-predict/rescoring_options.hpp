#pragma once
// --calibration and what else changes the scores of answers, or leaves some out.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "xmr/combine/calibration.hpp"
#include "xmr/evaluate/propensity.hpp"
#include "xmr/io/json.hpp"
#include "xmr/predict/model_set.hpp"
#include "xmr/predict/rescored_ranker.hpp"

namespace xmr::tools {

struct RescoringOptions {
  std::string calibration, train_truth;
  bool raw_scores = false;
  std::optional<float> min_score;
  PropensityModel propensity;

  void add_to(CLI::App& app);
  // ConfigError for what makes no sense together.
  void check() const;
};

// What the options say, with the files read. Thread rule: const methods from any thread.
class Rescorer {
 public:
  // DataError for files of another number of labels; ConfigError for weights without probabilities. The calibration of
  // a model that answers alone is used if none is given, unless they `score otherwise`: with another
  // post-processor than the model's.
  Rescorer(const RescoringOptions& options, const ModelSet& models, bool scores_otherwise);

  // Are answers ranked anew, so that more of them are needed?
  bool reorders() const { return !weights_.empty(); }
  std::unique_ptr<Ranker> rescored(std::unique_ptr<Ranker> ranker, std::uint32_t k) const;
  // What determines the answers, for the meta.json of predictions.
  void describe(nlohmann::ordered_json& content) const;

 private:
  std::optional<Calibration> calibration_;
  std::optional<float> min_score_;
  std::vector<float> weights_;
};

}  // namespace xmr::tools
