#pragma once
// A retrieval model: sources that list candidates (trees of XR-Linear, BM25 over words and over characters,
// neighbours), the texts of the labels, and the fitted margin of a candidate's evidence (retrieve/evidence.hpp).
//
//   const RetrievalModel model = RetrievalModel::open("model.npz");
//   Retriever retrieve(model, 10);                      // retriever.hpp
//
// The file holds each tree and each BM25 model as an archive of its own, an array of bytes that is used in place
// (NpzFile::nested). Opening checks the texts of the labels and nothing else that grows with the model.
// Errors: FormatError. Thread rule: const methods from any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/boost/margin_model.hpp"
#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/lexical/bm25_model.hpp"
#include "xmr/lexical/neighbours.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/retrieve/label_texts.hpp"
#include "xmr/retrieve/word_links.hpp"

namespace xmr {

class RetrievalModel {
 public:
  static constexpr std::string_view kType = "retrieval";  // of models, as in meta.json
  static constexpr std::size_t kMaxTrees = 16;
  static constexpr std::uint32_t kListed = 100, kMaxListed = 10000;

  static RetrievalModel open(NpzFile file);
  static RetrievalModel open(const std::string& path) { return open(NpzFile(path)); }

  const std::string& name() const { return file_->name(); }
  std::uint64_t labels() const { return names_.keys.size(); }
  std::uint64_t features() const { return vectorizer_->features(); }
  const Vectorizer* vectorizer() const { return &*vectorizer_; }
  const std::string& vectorizer_fingerprint() const { return vectorizer_fingerprint_; }
  const StoredNames& names() const { return names_; }

  const LabelTexts& texts() const { return texts_; }
  const WordLinks& links() const { return links_; }
  std::span<const float> idf() const { return idf_; }  // by feature of the weighed blocks
  std::span<const XrLinearModel> trees() const { return trees_; }
  const Bm25Model* words() const { return words_ ? &*words_ : nullptr; }
  const Bm25Model* grams() const { return grams_ ? &*grams_ : nullptr; }
  const NeighbourIndex* neighbours() const { return neighbours_ ? &*neighbours_ : nullptr; }
  const MarginModel& margin() const { return margin_; }
  std::uint32_t listed() const { return listed_; }  // labels that a source lists at most; 1..kMaxListed

 private:
  explicit RetrievalModel(NpzFile file);

  std::unique_ptr<const NpzFile> file_;
  std::optional<Vectorizer> vectorizer_;
  std::string vectorizer_fingerprint_;
  StoredNames names_;
  LabelTexts texts_;
  WordLinks links_;
  std::span<const float> idf_;
  std::vector<XrLinearModel> trees_;
  std::optional<Bm25Model> words_, grams_;
  std::optional<NeighbourIndex> neighbours_;
  MarginModel margin_;
  std::uint32_t listed_ = kListed;
};

// Everything that a model file holds.
struct RetrievalParts {
  const Vectorizer* vectorizer = nullptr;
  StoredNames names = {};
  std::vector<float> idf = {};
  LabelTextsTable texts = {};
  WordLinksTable links = {};
  std::vector<AlignedBytes> trees = {};  // model files
  std::optional<AlignedBytes> words = {}, grams = {};
  std::optional<NeighbourPostings> neighbours = {};
  std::uint32_t listed = RetrievalModel::kListed;
};
// Writes the file and makes it appear. `options`: those that determine the content.
void write_model(NpzWriter out, const RetrievalParts& parts, const MarginModel& margin, Json options);

}  // namespace xmr
