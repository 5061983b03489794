// A vectorizer, and the features that it makes of a text.
#include <array>
#include <vector>

#include "xmr/featurize/vectorizer_file.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file;
  const xmr::VectorizerFile opened(file.holding(with_right_checksums(bytes)));
  const xmr::Vectorizer& vectorizer = opened.vectorizer();
  xmr::Vectorizer::Scratch scratch;
  const std::vector<std::string_view> texts(vectorizer.columns().size(),
                                            "Echo echo dot \xC3\xA9l\xC3\xA9phant, 2nd gen.");
  for (const xmr::FeatureId feature : vectorizer.apply(texts, scratch).indices)
    vectorizer.feature_text(feature);
}
