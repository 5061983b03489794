#pragma once
// A BM25 index over labels (bm25_postings.hpp) as a model file: postings by feature, and, if given, vectorizer and
// names. Opening maps the file and looks at nothing that grows with the postings (stored_postings.hpp).
// Thread rule: const methods from any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/lexical/bm25_postings.hpp"
#include "xmr/lexical/stored_postings.hpp"

namespace xmr {

class Bm25Model {
 public:
  static constexpr std::string_view kType = "bm25";  // of models, as in meta.json

  static Bm25Model open(NpzFile file);
  static Bm25Model open(const std::string& path) { return open(NpzFile(path)); }

  const std::string& name() const { return name_; }
  std::uint64_t labels() const { return postings_.documents(); }
  std::uint64_t features() const { return postings_.features(); }
  // By label.
  const StoredPostings& postings() const { return postings_; }
  const Vectorizer* vectorizer() const { return vectorizer_ ? &*vectorizer_ : nullptr; }
  // The fingerprint of the vectorizer that made the features, embedded or not; empty if it is not known.
  const std::string& vectorizer_fingerprint() const { return vectorizer_fingerprint_; }
  const StoredNames& names() const { return names_; }

  const Json& content() const { return file_->meta().content; }

 private:
  Bm25Model() = default;

  std::string name_;
  std::unique_ptr<NpzFile> file_;
  StoredPostings postings_;
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
  Json options;  // that determine the content
};
// Writes the file and makes it appear. DataError if the number of names is not the number of labels.
void write_model(NpzWriter out, const Bm25Parts& parts);

}  // namespace xmr
