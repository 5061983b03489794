#pragma once
// Options that change the scores of answers, or leave some answers out.

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
  // Throws ConfigError if options contradict each other.
  void check() const;
};

// The options with their files read. Thread rule: const methods from any thread.
class Rescorer {
 public:
  // Without --calibration, uses the calibration of a model that answers alone, unless `scores_otherwise`: its scores
  // differ from the scores that the calibration was fitted to. Throws DataError for a file with another number of
  // labels; ConfigError for propensities without a calibration.
  Rescorer(const RescoringOptions& options, const ModelSet& models, bool scores_otherwise);

  // Returns true if scores or the choice of answers differ from the ranker's.
  bool is_wanted() const { return calibration_ || min_score_ || reorders(); }
  // Returns true if answers are ranked anew, which needs more of them.
  bool reorders() const { return !weights_.empty(); }
  std::unique_ptr<Ranker> rescored(std::unique_ptr<Ranker> ranker, std::uint32_t k) const;
  // Adds the record of the options to the meta.json of predictions.
  void describe(Json& content) const;

 private:
  std::optional<Calibration> calibration_;
  std::optional<float> min_score_;
  std::vector<float> weights_;
};

}  // namespace xmr::tools
