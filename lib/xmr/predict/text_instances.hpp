#pragma once
// Lines of text as queries of models that hold their vectorizers: a line is cut into columns, the columns that a
// vectorizer reads become features. Models with the same vectorizer share its features (feature_spaces.hpp). Previous
// query and prefix of a model that completes are normalised first (featurize/query_text.hpp).
//
//   TextInstances instances(models, CorpusColumns("text"), InvalidUtf8::replace, threads);
//   const Query query = instances.read({"queries.txt", 1}, "wireless echo", worker);
//
// Errors: ConfigError for a model without vectorizer, or one that reads a column that is not named; DataError with file
// and line for a line that does not fit. Thread rule: read() from any thread, one at a time for each worker.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/featurize/query_text.hpp"
#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/corpus.hpp"
#include "xmr/predict/feature_spaces.hpp"
#include "xmr/predict/model_set.hpp"

namespace xmr {

class TextInstances {
 public:
  // The models must outlive it.
  TextInstances(const ModelSet& models, const CorpusColumns& columns, InvalidUtf8 invalid_utf8, unsigned threads);

  const FeatureSpaces& spaces() const { return spaces_; }

  // Valid until the same worker's next call.
  Query read(LinePlace place, std::string_view line, unsigned worker);
  // Of a model that completes: without features.
  Query request(LinePlace place, std::string_view line, unsigned worker);

 private:
  // What a worker reads the features of a space with.
  struct Reader {
    RowReader columns;  // those that the vectorizer reads
    Vectorizer::Scratch scratch;
  };
  // Of a model that completes: previous query and prefix, normalised.
  struct RequestReader {
    RowReader columns;
    QueryNormalizer previous, prefix;
    std::vector<std::string_view> texts;  // those that the vectorizer reads
  };
  struct Worker {
    std::vector<Reader> readers;  // by space
    std::optional<RequestReader> request;
    JoinedRow joined;
  };

  FeatureSpaces spaces_;
  std::vector<const Vectorizer*> vectorizers_;  // by space
  std::vector<Worker> workers_;
};

}  // namespace xmr
