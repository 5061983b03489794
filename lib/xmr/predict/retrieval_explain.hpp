#pragma once
// Explains an answer of a retrieval model: the sources that list the label, and the evidence that moved its margin.
//
//   RetrievalExplainer explain(model, 10);
//   explain.ask("chess game");                            // once a query
//   const RetrievalReasons reasons = explain(label);      // a label that a source lists
//
// The effect of a source is the margin minus the margin without the pieces of evidence about it, both before
// calibration; so is the effect of a piece about no single source. Effects do not add up, because trees read several
// pieces together. Cost of a label: the margins of as many candidates as there are pieces. Thread rule: one object a
// thread; objects share the model.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/predict/retriever.hpp"

namespace xmr {

struct EvidenceEffect {
  std::string_view name;
  float value;
  double effect;
};

struct SourceEffect {
  Listing listing;
  double effect = 0;
};

struct RetrievalReasons {
  std::array<SourceEffect, kSources> by = {};  // by Source
  double margin = 0;                           // before calibration
  std::vector<EvidenceEffect> effects = {};    // not 0; largest absolute value first, ties in the order of the table
};

class RetrievalExplainer {
 public:
  // Explains the answers of Retriever(model, k, allowed). The model and `allowed` must outlive it.
  RetrievalExplainer(const RetrievalModel& model, std::uint32_t k, const std::vector<bool>* allowed);

  void ask(std::string_view text) { candidates_.collect(text); }
  RetrievalReasons operator()(LabelId label);

 private:
  RetrievalCandidates candidates_;
  MarginScorer score_;
  std::vector<float> rows_;      // the candidate's evidence, without each source, without each piece
  std::vector<double> margins_;  // of rows_
};

}  // namespace xmr
