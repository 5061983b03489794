#pragma once
// Reads one line of text as a query of models that hold their vectorizers. The line is split into columns; the columns
// that a vectorizer reads become features. Models with the same vectorizer share its features (feature_spaces.hpp). A
// model that completes gets the texts of previous query and prefix, normalised (featurize/query_text.hpp); columns
// previous2, previous3, ... hold the queries before the previous one, the latest first.
//
//   QueryReader reader(models, CorpusColumns("text"), InvalidUtf8::replace, threads);
//   const Query query = reader.read({"queries.txt", 1}, "wireless echo", worker);
//
// Errors: ConfigError if a model has no vectorizer, or one that reads a column that is not named; DataError with file
// and line if a line does not fit. Thread rule: read() from any thread, one at a time for each worker.

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

class QueryReader {
 public:
  // The models must outlive the reader.
  QueryReader(const ModelSet& models, const CorpusColumns& columns, InvalidUtf8 invalid_utf8, unsigned threads);

  const FeatureSpaces& spaces() const { return spaces_; }

  // Returns the query of a line. Valid until the next call of the same worker.
  Query read(LinePlace place, std::string_view line, unsigned worker);
  // Returns true if a column is named id.
  bool reads_ids() const { return ids_.has_value(); }
  // Returns the column id of a line. Requires reads_ids(). Valid until the next call; one thread at a time.
  std::string_view id(LinePlace place, std::string_view line) { return ids_->read(place, line).front(); }

 private:
  // Reads the features of one space.
  struct FeatureReader {
    RowReader columns;  // the columns that the vectorizer reads
    Vectorizer::Scratch scratch;
  };
  // Reads previous queries and prefix and normalises them.
  struct TextReader {
    RowReader columns;
    QueryNormalizer prefix;
    std::vector<QueryNormalizer> previous;  // the latest first
  };
  struct Worker {
    std::vector<FeatureReader> features;  // [space]
    std::optional<TextReader> texts;
    std::optional<RowReader> text;  // of a retrieval model, which reads the text itself
    JoinedRow joined;
  };

  std::optional<RowReader> ids_;
  FeatureSpaces spaces_;
  std::vector<const Vectorizer*> vectorizers_;  // [space]
  std::vector<Worker> workers_;
};

}  // namespace xmr
