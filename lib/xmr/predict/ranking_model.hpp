#pragma once
// A model file of any kind, as xmr-predict serves it.
//
//   const auto model = open_ranking_model("model.npz");   // the kind is in the file
//   const auto ranker = model->ranker({.k = 10});         // one a thread
//
// A new kind is an adapter in ranking_model.cpp: a model that says what RankingModel asks, and a Ranker.
// Thread rule: const methods from any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "xmr/combine/calibration.hpp"
#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/names.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/completer.hpp"
#include "xmr/predict/post_processor.hpp"
#include "xmr/predict/ranker.hpp"
#include "xmr/predict/search_counts.hpp"
#include "xmr/sparse/side_by_side.hpp"

namespace xmr {

// What is wanted; where nothing is said, the model decides.
struct RankRequest {
  std::uint32_t k = 10;  // answers, ≥ 1
  // Of models that are searched by a beam (is_tree()); others do not look at these.
  std::optional<std::uint32_t> beam = {};  // ≥ 1
  std::optional<PostProcessor> post_processor = {};
  std::optional<TieRule> ties = {};
  // Of models that complete: what answers come from, and whether a typo in the prefix is mended (complete/typo.hpp).
  CompletionSource source = CompletionSource::fused;
  bool mends_typos = false;
  bool exact = false;  // the true best ones (exact_search.hpp)
  // Queries name their candidates: labels, or nodes of this level where there is one.
  bool among = false;
  std::optional<std::uint32_t> among_level = {};
  SearchCounts* counts = nullptr;  // or none

  // Of models that can_restrict(): the only labels that may be answers; null: all. Must outlive the ranker.
  const std::vector<bool>* allowed = nullptr;
};

class RankingModel {
 public:
  virtual ~RankingModel() = default;

  virtual const std::string& name() const = 0;
  // Of the file, all of it.
  virtual const std::string& fingerprint() const = 0;
  virtual std::uint64_t labels() const = 0;
  virtual std::uint64_t features() const = 0;
  // Null if features must be given.
  virtual const Vectorizer* vectorizer() const = 0;
  // What made the features that it was trained on, whether embedded or not; empty if that is not known.
  virtual const std::string& vectorizer_fingerprint() const = 0;
  virtual const StoredNames& names() const = 0;
  // Is it searched by a beam?
  virtual bool is_tree() const = 0;
  // The model itself, if it completes a prefix after a previous query. It then needs their texts, and answers alone.
  virtual const CompletionModel* completion() const { return nullptr; }
  // The matrices that its features are made of, if that is recorded (sparse/side_by_side.hpp); else one as it is.
  virtual std::span<const FeaturePart> feature_parts() const { return {}; }
  // The model itself, if it is XR-Linear and no more: for those who explain answers (explain.hpp).
  virtual const XrLinearModel* linear() const { return nullptr; }
  // Can answers be restricted to some labels?
  virtual bool can_restrict() const = 0;
  // The nodes of its levels, from the top; none without a tree.
  virtual std::vector<NodeId> level_sizes() const { return {}; }
  // Of the scores that it gives by itself; null if it holds none.
  virtual const Calibration* calibration() const = 0;
  // Must features be counts?
  virtual bool reads_counts() const = 0;

  // The model must outlive the ranker. ConfigError for a request out of range, FormatError for a model that records
  // what there is not.
  virtual std::unique_ptr<Ranker> ranker(const RankRequest& request) const = 0;
  // What determines the answers, for the meta.json of predictions.
  virtual nlohmann::ordered_json describe(const RankRequest& request) const = 0;
};

// The beams of a search as predictions record them: a number if all are equal, else a list.
nlohmann::ordered_json describe_beams(const SearchOptions& search);

// The search that a request asks for. FormatError for a model that records what there is not.
SearchOptions search_of(const XrLinearModel& model, const RankRequest& request);

// IoError; FormatError for a file that is no model, or of a kind that there is not.
std::unique_ptr<const RankingModel> open_ranking_model(const std::string& path);

}  // namespace xmr
