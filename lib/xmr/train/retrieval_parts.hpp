#pragma once
// The sources of a retrieval model, made of training rows (queries with their labels) and of the texts of labels, which
// are documents: a row of its own for each label in the trees, a part of each label's document in BM25.
//
//   RetrievalData data = read_retrieval_data(names, texts, y, parallel);
//   RetrievalParts parts = make_parts(data, y, options, parallel);    // rows without labels are left out
//
// Vectorizer and idf are learnt from all texts, labels are not looked at for this. Trees may be made by hand
// (given_trees.hpp).
// Memory: that of xmr-train linear with all rows and texts of labels, and 8 bytes for each word of a row and each
// n-gram of 3 to 5 characters of a label's text. Errors: DataError if there is no text with a word. Thread rule: pure
// functions.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/names.hpp"
#include "xmr/predict/retrieval_model.hpp"
#include "xmr/retrieve/candidates.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct RetrievalOptions {
  std::array<bool, kSources> sources = {true, true, true, true};  // by Source
  std::uint32_t trees = 2;                                        // that are trained; 0..RetrievalModel::kMaxTrees
  std::uint32_t listed = RetrievalModel::kListed;                 // labels that a source lists at most
  std::uint32_t beam = PredictDefaults().beam;                    // of the trees
  std::uint64_t seed = 0;

  bool has(Source source) const { return sources[static_cast<std::size_t>(source)]; }
  bool has_all() const {
    return std::ranges::all_of(sources, [](bool is_on) { return is_on; });
  }
  // The settings for short answer times: fewer candidates, narrow beams.
  static RetrievalOptions fast();
};

// Vocabulary, weights and features of all texts.
struct RetrievalData {
  StoredNames names;
  StringTable texts;  // of the rows
  CsrView y;          // rows × labels
  Vectorizer vectorizer;
  std::vector<float> idf;                             // by feature of the weighed blocks
  CsrMatrix weighed, words;                           // by row
  CsrMatrix label_weighed, label_words, label_grams;  // by label
};
// of_trees: the vectorizer of trees that are made by hand (makes_weighed_blocks()), whose n-grams and weights are used
// then; null: they are learnt.
RetrievalData read_retrieval_data(const StoredNames& names, const StringTable& texts, CsrView y, Parallel& parallel,
                                  const Vectorizer* of_trees = nullptr);

// In increasing order.
std::vector<Row> rows_with_labels(CsrView y);

// y: rows × labels, of some rows and labels of `data`. The features of `data` are gone then: memory for them ends with
// their use. The vectorizer must outlive the parts.
RetrievalParts make_parts(RetrievalData& data, CsrView y, const RetrievalOptions& options, Parallel& parallel);

}  // namespace xmr
