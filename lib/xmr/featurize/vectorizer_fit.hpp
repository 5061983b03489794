#pragma once
// Learns a vectorizer: the n-grams and the number of rows with each.
//
//   VectorizerFit fit(options, parallel.threads());
//   ... fit.add(texts, worker) for every instance, from any number of threads ...
//   Vectorizer vectorizer = fit.finish(parallel);
//
// Each worker has its own tables; they are merged by sorting, so the result does not depend on the workers. For a part
// of a corpus, write_fit_part() stores the counts(). Memory: docs/xmr-featurize.md. Thread rule: several threads may
// call add(), each with its own worker number.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/featurize/text_counts.hpp"
#include "xmr/featurize/vectorizer.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class VectorizerFit {
 public:
  // If options contradict each other, throws ConfigError.
  VectorizerFit(VectorizerOptions options, unsigned workers);
  ~VectorizerFit();
  VectorizerFit(VectorizerFit&&) noexcept;

  const VectorizerOptions& options() const;
  // The columns that the blocks read; add() takes the texts in this order.
  const std::vector<std::string>& columns() const;

  // Counts one instance. DataError when the tables are full (2^32 - 1 rows, words or n-grams of a block).
  void add(std::span<const std::string_view> texts, unsigned worker);

  // Ends counting: one of these is called once. Counts are taken out of this object, which must live as long.
  TextCounts counts(Parallel& parallel);
  Vectorizer finish(Parallel& parallel);  // that learns from them

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xmr
