#pragma once
// The second stage of a retrieval: one margin for each candidate of a query, from its evidence (evidence_view.hpp). A
// larger margin means a candidate that is more likely relevant.
//
//   margin = logistic weights (logistic_weights.hpp) + boosted trees (boosted_trees.hpp); each of the two may be empty
//
//   MarginModel model(columns);
//   model.set_logistic(fit_logistic(data, {}, parallel));                 // the simple fit
//   model.set_trees(fit_trees(data, &validation, {}, parallel).trees);    // or the strong one
//   model.set_calibration(fit_query_calibration(validation, margins_of(model, validation.evidence, parallel)));
//   MarginScorer scorer(model);                                           // one a thread
//   scorer(evidence, margins);                                            // all candidates of a query
//
// A fit that continues from logistic weights takes their margins as LabelledEvidence::starts; the model then holds
// both. Cost of a query of 200 candidates, 40 columns, 150 trees of 31 leaves: see docs/methods.md. Nothing is
// allocated in a query. Thread rule: const methods of the model from any thread; one scorer a thread.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/boost/boosted_trees.hpp"
#include "xmr/boost/evidence_view.hpp"
#include "xmr/boost/logistic_weights.hpp"
#include "xmr/boost/query_calibration.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"

namespace xmr {

class MarginModel {
 public:
  explicit MarginModel(std::size_t columns) : columns_(columns) {}

  std::size_t columns() const { return columns_; }
  const LogisticWeights& logistic() const { return logistic_; }
  const BoostedTrees& trees() const { return trees_; }
  const std::optional<QueryCalibration>& calibration() const { return calibration_; }
  // With it a scorer's margins are log-odds.
  void set_calibration(const QueryCalibration& calibration) { calibration_ = calibration; }
  // ConfigError if the part needs more columns than the model has.
  void set_logistic(LogisticWeights logistic);
  void set_trees(BoostedTrees trees);

  // Members of an archive, each name behind the prefix. FormatError for what the parts refuse.
  void write(NpzWriter& out, const std::string& prefix) const;
  static MarginModel read(const NpzFile& file, const std::string& prefix, std::size_t columns);

  bool operator==(const MarginModel&) const = default;

 private:
  std::size_t columns_;
  LogisticWeights logistic_;
  BoostedTrees trees_;
  std::optional<QueryCalibration> calibration_;
};

class MarginScorer {
 public:
  // The model must outlive the scorer.
  explicit MarginScorer(const MarginModel& model);

  // Writes one margin for each candidate of a query: all of them, because calibration compares them. The evidence has
  // the model's columns.
  void operator()(EvidenceView evidence, std::span<double> margins);
  // The same before calibration, for any candidates.
  void score(EvidenceView evidence, std::span<double> margins);

 private:
  const MarginModel& model_;
  std::vector<float> tile_;  // columns × kTileCandidates
};

// The margins of many candidates before calibration, by several threads.
std::vector<double> margins_of(const MarginModel& model, EvidenceView evidence, Parallel& parallel);

}  // namespace xmr
