#pragma once
// Processes text input on all threads and takes the results in the order of the input.
//
//   struct Parsed { ... };
//   for_blocks_in_order<Parsed>(input, parallel,
//       [&](const LineBlock& block, Parsed& result, unsigned worker) { ... },  // any thread, blocks in any order
//       [&](Parsed& result) { ... });                                          // one at a time, in the input's order
//
// While a batch of blocks is parsed, one thread consumes the results of the batch before it and reads the next one.
// Result objects are reused, so that their memory is allocated once; parse() must clear them.
// An exception of parse() is rethrown at its block's turn, after the results before it were consumed: the error
// that a user sees is the first one of the input, for any number of threads. Memory: 8 blocks and 8 results a thread.
// Errors: as LineBlocks, parse and consume; Interrupted.

#include <cstddef>
#include <exception>
#include <utility>
#include <vector>

#include "xmr/io/lines.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

template <class Result, class Parse, class Consume>
void for_blocks_in_order(LineBlocks& input, Parallel& parallel, const Parse& parse, const Consume& consume) {
  struct Parsed {
    LineBlock block;
    Result result;
    std::exception_ptr failure;
  };
  struct Batch {
    std::vector<Parsed> slots;
    std::size_t filled = 0;
    std::exception_ptr failure;  // of reading the block after the filled slots
  };
  const std::size_t slots = std::size_t{4} * parallel.threads();
  Batch parsing{std::vector<Parsed>(slots), 0, {}}, other{std::vector<Parsed>(slots), 0, {}};

  bool ended = false;
  const auto read = [&](Batch& batch) {
    batch.filled = 0;
    try {
      while (!ended && batch.filled < slots) {
        if (input.next(batch.slots[batch.filled].block))
          ++batch.filled;
        else
          ended = true;
      }
    } catch (...) {
      ended = true;
      batch.failure = std::current_exception();
    }
  };
  const auto consume_all = [&](Batch& batch) {
    for (std::size_t i = 0; i < batch.filled; ++i) {
      if (batch.slots[i].failure) std::rethrow_exception(batch.slots[i].failure);
      consume(batch.slots[i].result);
    }
    if (batch.failure) std::rethrow_exception(batch.failure);
  };

  for (read(parsing); parsing.filled > 0; std::swap(parsing, other)) {
    parallel.for_each(parsing.filled + 1, [&](std::size_t step, unsigned worker) {
      if (step == 0) {
        consume_all(other);
        read(other);
        return;
      }
      Parsed& slot = parsing.slots[step - 1];
      try {
        parse(std::as_const(slot.block), slot.result, worker);
      } catch (...) {
        slot.failure = std::current_exception();
      }
    });
  }
  consume_all(other);
  consume_all(parsing);  // no results, but perhaps the failure of the last read
}

}  // namespace xmr
