#pragma once
// A vectorizer as a file (kind "vectorizer") or as a component of another; docs/formats.md has the members. Tables are
// used in place. Opening reads everything once (about 0.1 ms a MB) to compare the fingerprint.

#include <string>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"

namespace xmr {

class VectorizerFile {
 public:
  // If the file is no complete vectorizer, throws FormatError.
  explicit VectorizerFile(const std::string& path);

  const std::string& name() const { return file_.name(); }
  const Vectorizer& vectorizer() const { return vectorizer_; }

 private:
  NpzFile file_;
  Vectorizer vectorizer_;
};

// Writes it and commits `out`.
void write_vectorizer(NpzWriter& out, const Vectorizer& vectorizer);

}  // namespace xmr
