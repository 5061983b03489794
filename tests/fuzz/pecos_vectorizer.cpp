// A folder with a TF-IDF vectorizer of PECOS, and the features that it makes of a text.
#include <array>

#include "xmr/featurize/pecos_tfidf.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFolder folder({"meta.json", "0.base/tokenizer/config.json", "0.base/tokenizer/vocab.txt",
                              "0.base/vectorizer/config.json", "0.base/vectorizer/tfidf-model.txt",
                              "1.base/tokenizer/config.json", "1.base/tokenizer/vocab.txt",
                              "1.base/vectorizer/config.json", "1.base/vectorizer/tfidf-model.txt"});
  static xmr::Parallel parallel(1);
  const xmr::Vectorizer vectorizer = xmr::read_pecos_vectorizer(folder.holding(bytes), parallel);
  xmr::Vectorizer::Scratch scratch;
  const std::array<std::string_view, 1> texts = {"Echo echo red dot \xC3\xA9l\xC3\xA9phant"};
  for (const xmr::FeatureId feature : vectorizer.apply(texts, scratch).indices)
    vectorizer.feature_text(feature);
}
