#pragma once
// Lines of text as instances of a model that holds its vectorizer: a line is cut into columns, the columns that the
// vectorizer reads become features.
//
//   TextInstances instances(model, CorpusColumns("text"), InvalidUtf8::replace, threads);
//   const Query query = instances.read({"queries.txt", 1}, "wireless echo", worker);
//
// Errors: ConfigError for a model without vectorizer, or one that reads a column that is not named; DataError with file
// and line for a line that does not fit. Thread rule: read() from any thread, one at a time for each worker.

#include <cstddef>
#include <string_view>
#include <vector>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/corpus.hpp"
#include "xmr/predict/ranking_model.hpp"

namespace xmr {

class TextInstances {
 public:
  // The model must outlive it.
  TextInstances(const RankingModel& model, const CorpusColumns& columns, InvalidUtf8 invalid_utf8, unsigned threads);

  // Valid until the same worker's next call.
  Query read(LinePlace place, std::string_view line, unsigned worker);

 private:
  struct Worker {
    RowReader reader;  // of the columns that the vectorizer reads
    Vectorizer::Scratch scratch;
  };

  const Vectorizer* vectorizer_;
  std::vector<Worker> workers_;
};

}  // namespace xmr
