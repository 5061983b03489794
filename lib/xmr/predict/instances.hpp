#pragma once
// A source of queries: rows of matrices (matrix_instances.hpp) or lines of text (text_instances.hpp), in blocks.
//
//   while (const Row rows = instances.next_block())
//     predict(rows, [&](Row row, unsigned worker) { return std::optional(instances.read(row, worker)); }, deliver);
//
// Thread rule: next_block() from one thread while no other call runs; the const methods and read() from any thread, one
// read() at a time for each worker.

#include <string>
#include <string_view>

#include "xmr/io/corpus.hpp"
#include "xmr/predict/feature_spaces.hpp"
#include "xmr/predict/ranker.hpp"
#include "xmr/util/observer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class Instances {
 public:
  virtual ~Instances() = default;

  // The feature spaces of the queries.
  virtual const FeatureSpaces& spaces() const = 0;
  // The rows of all blocks together; 0: unknown before the last block.
  virtual Row total() const = 0;
  // Moves to the next block. Returns its number of rows; 0: there are no more blocks.
  virtual Row next_block() = 0;
  // Returns the query of a row of the block, from 0. Valid until the next call of the same worker. If the row does not
  // fit, throws DataError.
  virtual Query read(Row row, unsigned worker) = 0;
  // Returns the row as a reader of the answers recognises it.
  virtual std::string describe(Row row) const = 0;
  // Returns the id of the row as the input tells it; empty: it tells none. Valid until the next call.
  virtual std::string_view id(Row /*row*/) { return {}; }
  // The place of a row in its file, for errors. `line` counts from 1.
  virtual LinePlace place(Row row) const = 0;
  // Warns of faults of the input that stop nothing, after the last block.
  virtual void report(Observer& /*observer*/) const {}
};

}  // namespace xmr
