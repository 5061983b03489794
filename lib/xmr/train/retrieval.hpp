#pragma once
// Makes a retrieval model: sources from rows that leave some out, evidence and fit on these, then sources from all
// rows.
//
//   RetrievalData data = read_retrieval_data(names, texts, y, parallel);
//   const HeldRows held = hold_out(data, options, parallel);
//   const RetrievalFit fit = fit_retrieval(held.evidence, true, parallel);
//   write_model(NpzWriter(path), make_parts(data, y, options, parallel), fit.margin, ...);
//
// With too few queries the margin is the built-in one. Memory: twice that of retrieval_parts.hpp.
// Thread rule: one call at a time per `parallel`; the same model for any number of threads.

#include "xmr/train/retrieval_fit.hpp"
#include "xmr/train/retrieval_parts.hpp"
#include "xmr/train/retrieval_split.hpp"

namespace xmr {

// A model with the built-in margin, to ask its sources.
class ModelInMemory {
 public:
  explicit ModelInMemory(const RetrievalParts& parts);
  const RetrievalModel& model() const { return *model_; }

 private:
  AlignedBytes bytes_;
  std::optional<RetrievalModel> model_;
};

struct HeldRows {
  HeldEvidence evidence = {};
  std::uint64_t queries = 0, documents = 0, folds = 0;
  double cold_share = 0;
};
HeldRows hold_out(const RetrievalData& data, const RetrievalOptions& options, Parallel& parallel);

// As hold_out(), with rows that the caller holds out and a model of all rows of the data. y: rows × labels.
HeldRows held_out(const RetrievalModel& model, const StringTable& texts, CsrView y, Parallel& parallel);

}  // namespace xmr
