#pragma once
// Answers of a retrieval model: Query::text in, labels out.
//
//   Retriever retrieve(model, 10);
//   const SparseRow ranked = retrieve({.text = "chess game"});
//
// The text is read once (retrieve/text_space.hpp). Each source lists its best labels, as many as the model says, or k
// if that is more; the trees list the labels with the largest mean of their scores. The union is ranked by the fitted
// margin of its evidence, equal margins by label; a score is 1 / (1 + exp(-margin)), the probability that the label is
// relevant. There are fewer than k answers if the sources list fewer labels. Nothing is allocated once the first
// queries have made the memory grow. Thread rule: one object a thread; objects share the model.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "xmr/lexical/bm25_search.hpp"
#include "xmr/lexical/neighbours.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/ranker.hpp"
#include "xmr/predict/retrieval_model.hpp"
#include "xmr/retrieve/candidates.hpp"
#include "xmr/retrieve/evidence.hpp"
#include "xmr/retrieve/text_space.hpp"

namespace xmr {

// The candidates of a text and their evidence.
class RetrievalCandidates {
 public:
  // `listed`: labels that a source lists at most. `allowed`: by label, the only ones that may be answers; null: all.
  RetrievalCandidates(const RetrievalModel& model, std::uint32_t listed, const std::vector<bool>* allowed);

  void collect(std::string_view text);
  std::span<const RetrievalCandidate> all() const { return candidates_.all(); }
  // A row for each candidate, RetrievalEvidence::size() numbers each.
  std::span<const float> evidence() const { return evidence_; }

 private:
  SparseRow search_trees(SparseRow query);
  SparseRow only_allowed(SparseRow listed);
  void add(Source source, SparseRow listed, float largest);
  static float bound(const Bm25Model& model, SparseRow query);

  const RetrievalModel& model_;
  std::uint32_t listed_;
  const std::vector<bool>* allowed_;
  TextReader read_;
  std::vector<BeamSearch> trees_;
  std::optional<Bm25Search> words_, grams_;
  std::optional<NeighbourSearch> neighbours_;
  Candidates candidates_;
  RetrievalEvidence weigh_;
  std::vector<float> evidence_;
  struct Sum {
    float score;
    LabelId label;
  };
  std::vector<std::uint32_t> place_;  // by label, 1 + its place in sums_; 0: none
  std::vector<Sum> sums_;
  std::vector<LabelId> labels_;
  std::vector<float> scores_, nearest_;
};

class Retriever final : public Ranker {
 public:
  // The model must outlive it. ConfigError for k 0.
  Retriever(const RetrievalModel& model, std::uint32_t k, const std::vector<bool>* allowed = nullptr);

  CsrView rank(std::span<const Query> queries) override;
  std::size_t query_memory() const override;

 private:
  struct Scored {
    double margin;
    LabelId label;
  };
  void rank_one(std::string_view text);

  RetrievalCandidates candidates_;
  MarginScorer score_;
  std::vector<double> margins_;
  std::vector<Scored> scored_;
  std::vector<Offset> ends_;  // the answers
  std::vector<LabelId> labels_;
  std::vector<float> scores_;
};

}  // namespace xmr
