#pragma once
// BM25 over labels (Robertson, Walker et al., TREC-3, 1994): each label is a document of words (label_documents.hpp);
// a query's labels are ranked by
//
//   score(q, l) = Σ_t count(t in q) · idf(t) · tf (k1 + 1) / (tf + k1 (1 - b + b · length(l) / mean length))
//   idf(t)      = ln(1 + (N - df + ½) / (df + ½))
//
// tf = count(t in l); df of the N labels that have a document contain t. The share of one occurrence in the query, the
// impact, is computed when the index is built and stored as a whole number of units of 2^-16: sums of whole numbers do
// not depend on their order, so bounds are exact, and so is the ranking.
//
// A model is a file: postings by feature, and, if given, vectorizer and names. Opening maps it and looks at nothing
// that grows with the postings; a piece of them (16 features) is verified at its first visit.
// Thread rule: const methods from any thread.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz.hpp"
#include "xmr/lexical/bm25_postings.hpp"

namespace xmr {

class Bm25Model {
 public:
  static constexpr std::string_view kType = "bm25";  // of models, as in meta.json

  static Bm25Model open(NpzFile file);
  static Bm25Model open(const std::string& path) { return open(NpzFile(path)); }

  const std::string& name() const { return name_; }
  std::uint64_t labels() const { return labels_; }
  std::uint64_t features() const { return largest_.size(); }
  const Vectorizer* vectorizer() const { return vectorizer_ ? &*vectorizer_ : nullptr; }
  // What made the features that it was built from, whether embedded or not; empty if that is not known.
  const std::string& vectorizer_fingerprint() const { return vectorizer_fingerprint_; }
  const StoredNames& names() const { return names_; }

  // The labels that have the feature; verified at the first visit by anybody (FormatError with the features' range).
  FeaturePostings postings(FeatureId feature) const;
  // Visits every piece; the number of postings.
  std::uint64_t verify() const;

  const nlohmann::ordered_json& content() const { return file_->meta().content; }

 private:
  Bm25Model() = default;
  void open_postings(std::uint64_t features);
  void verify_piece(std::size_t piece) const;

  std::string name_;
  std::unique_ptr<NpzFile> file_;
  std::uint64_t labels_ = 0;
  std::span<const std::uint64_t> offsets_;    // features+1
  std::span<const std::uint32_t> largest_;    // by feature
  std::span<const std::uint64_t> checksums_;  // by piece
  std::span<const Posting> postings_;
  std::unique_ptr<std::atomic<bool>[]> verified_;  // by piece
  std::optional<Vectorizer> vectorizer_;
  std::string vectorizer_fingerprint_;
  StoredNames names_;
};

// Everything that a model file holds.
struct Bm25Parts {
  const Bm25Postings& postings;
  const Vectorizer* vectorizer = nullptr;
  std::string vectorizer_fingerprint = {};  // of X's vectorizer, embedded or not; empty if it is not known
  StoredNames names = {};
  JsonValue options;  // those that determine the content
};
// Writes the file and makes it appear. DataError if the number of names is not the number of labels.
void write_model(NpzWriter out, const Bm25Parts& parts);

}  // namespace xmr
