#pragma once
// Turns texts into rows of features with a vectorizer that xmr-featurize fit made.
//
//   xmr::api::TextVectorizer vectorize("vec.npz");
//   const xmr::SparseRow features = vectorize("electric kettle");
//
// Errors: IoError; FormatError if the file is no vectorizer. Thread rule: one object a thread; copies share the file.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/types.hpp"

namespace xmr::api {

class TextVectorizer {
 public:
  explicit TextVectorizer(const std::string& path);
  TextVectorizer(const TextVectorizer& other);
  TextVectorizer& operator=(const TextVectorizer& other);
  TextVectorizer(TextVectorizer&&) noexcept;
  TextVectorizer& operator=(TextVectorizer&&) noexcept;
  ~TextVectorizer();

  std::uint64_t features() const;
  // The columns of the corpus that the vectorizer reads; texts are given in this order.
  const std::vector<std::string>& columns() const;
  // Returns the n-gram of a feature. Requires feature < features().
  std::string feature_text(FeatureId feature) const;

  // Returns the features of one instance. Valid until the next call. Throws ConfigError unless there is one text a
  // column.
  SparseRow operator()(std::span<const std::string_view> texts);
  // Returns the features of a text, of a vectorizer that reads one column.
  SparseRow operator()(std::string_view text) { return (*this)(std::span(&text, 1)); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xmr::api
