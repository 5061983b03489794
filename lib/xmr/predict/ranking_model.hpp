#pragma once
// A model file of any kind, as xmr-predict serves it.
//
//   const auto model = open_ranking_model("model.npz");   // the file tells the kind
//   const auto ranker = model->ranker({.k = 10});         // one a thread
//
// A new kind is one adapter: a file like opened_bm25.cpp and its line in the table of ranking_model.cpp.
// Thread rule: const methods from any thread.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xmr/combine/calibration.hpp"
#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/rank_request.hpp"
#include "xmr/predict/ranker.hpp"
#include "xmr/sparse/joined_features.hpp"

namespace xmr {

class CompletionModel;
class RetrievalModel;

// The capabilities of a model: the parts of a request that it reads, and the inputs that its queries need.
struct ModelCapabilities {
  bool searches_tree = false;            // reads RankRequest::search
  bool needs_counts = false;             // feature values must be counts
  std::vector<NodeId> level_sizes = {};  // the numbers of nodes of the levels from the top; empty: no tree to rerank in
  const XrLinearModel* linear = nullptr;  // not null: its answers can be explained (explain.hpp) and drawn
  // Not null: reads RankRequest::completion, needs the texts of a query and cannot be combined with other models.
  const CompletionModel* completion = nullptr;
  // Not null: needs the text of a query instead of features and cannot be combined with other models.
  const RetrievalModel* retrieval = nullptr;
};

class RankingModel {
 public:
  virtual ~RankingModel() = default;

  virtual const std::string& name() const = 0;
  virtual const std::string& fingerprint() const = 0;  // of the whole file
  virtual std::uint64_t labels() const = 0;
  virtual std::uint64_t features() const = 0;
  // Null: the queries must hold features.
  virtual const Vectorizer* vectorizer() const = 0;
  // The fingerprint of the vectorizer of the training rows, embedded or not. Empty: unknown.
  virtual const std::string& vectorizer_fingerprint() const = 0;
  // The matrices whose columns, side by side, are the features (sparse/joined_features.hpp). Empty: one matrix.
  virtual std::span<const FeaturePart> feature_parts() const = 0;
  virtual const StoredNames& names() const = 0;
  // The calibration of the model's own scores. Null: none.
  virtual const Calibration* calibration() const = 0;
  virtual ModelCapabilities capabilities() const = 0;

  // The model must outlive the ranker. If a value of the request is out of range, throws ConfigError. If the model
  // records a setting that does not exist, throws FormatError.
  virtual std::unique_ptr<Ranker> ranker(const RankRequest& request) const = 0;
  // Returns the settings that determine the answers, for the meta.json of predictions.
  virtual Json describe(const RankRequest& request) const = 0;
};

// Throws IoError; FormatError if the file is no model or a model of unknown kind.
std::unique_ptr<const RankingModel> open_ranking_model(const std::string& path);

}  // namespace xmr
