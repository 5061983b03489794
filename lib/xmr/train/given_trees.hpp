#pragma once
// Trees of a retrieval model that were trained by hand, in parts or with other options: models of xmr-train linear.
//
//   const GivenTrees given({"linear.npz"}, names);
//   RetrievalData data = read_retrieval_data(names, texts, y, parallel, given.vectorizer());
//   RetrievalParts parts = make_parts(data, y, options, parallel);      // options.trees: 0
//   given.add_to(parts, options.beam);
//
// Thread rule: const methods from any thread.

#include <cstdint>
#include <string>
#include <vector>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/names.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/retrieval_model.hpp"

namespace xmr {

class GivenTrees {
 public:
  // `names`: of the catalogue. Errors: as XrLinearModel::open(); DataError unless each model has the labels of `names`
  // in their order, and all models use one vectorizer. A model must hold the vectorizer, and it must make the features
  // of a retrieval model (makes_weighed_blocks()).
  GivenTrees(const std::vector<std::string>& paths, const StoredNames& names);

  // Null without trees.
  const Vectorizer* vectorizer() const { return vectorizer_; }
  // Adds the trees without vectorizer and names, which a retrieval model stores once. Reads all weights. FormatError
  // for a damaged chunk.
  void add_to(RetrievalParts& parts, std::uint32_t beam) const;

 private:
  std::vector<XrLinearModel> models_;
  const Vectorizer* vectorizer_ = nullptr;
};

}  // namespace xmr
