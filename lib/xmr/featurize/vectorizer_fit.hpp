#pragma once
// Learns a vectorizer: which n-grams there are, and in how many rows each occurs.
//
//   VectorizerFit fit(options, parallel.threads());
//   ... fit.add(texts, worker) for every instance, from any number of threads ...
//   Vectorizer vectorizer = fit.finish(parallel);
//
// Each worker counts in tables of its own; finish() merges them by sorting. The result does not depend on which worker
// saw which instance. Memory: docs/xmr-featurize.md.
// Thread rule: add() from several threads at a time if each passes its own worker number.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class VectorizerFit {
 public:
  // ConfigError for options that contradict each other.
  VectorizerFit(VectorizerOptions options, unsigned workers);
  ~VectorizerFit();
  VectorizerFit(VectorizerFit&&) noexcept;

  // The columns that the blocks read; add() takes the texts in this order.
  const std::vector<std::string>& columns() const;

  // Counts one instance. DataError when the tables are full (2^32 - 1 rows, words or n-grams of a block).
  void add(std::span<const std::string_view> texts, unsigned worker);

  // DataError if no instance was added. To be called once.
  Vectorizer finish(Parallel& parallel);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xmr
