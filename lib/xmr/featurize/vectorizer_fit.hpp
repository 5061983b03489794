#pragma once
// Learns a vectorizer: which n-grams there are, and in how many rows each occurs.
//
//   VectorizerFit fit(options, parallel.threads());
//   ... fit.add(texts, worker) for every instance, from any number of threads ...
//   Vectorizer vectorizer = fit.finish(parallel);
//
// Each worker counts in tables of its own; these are merged by sorting. The result does not depend on which worker saw
// which instance. What some of the rows of a corpus have may be counted by a process of its own: write_fit_part() keeps
// the counts(). Memory: docs/xmr-featurize.md.
// Thread rule: add() from several threads at a time if each passes its own worker number.

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
  // ConfigError for options that contradict each other.
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
