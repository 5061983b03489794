#pragma once
// Merges several sorted sequences.
//
//   merge_sorted<Run>(runs, [&](std::span<Run* const> same) { ... });   // cursors at equal items
//
// A cursor begins before the first item of its sequence. next() moves to the next item and returns false at the end. a
// < b compares the current items. Items of one sequence must be distinct. Cursors of equal items come in no defined
// order. Cost: 2 log2(sequences) comparisons for each item. Thread rule: the caller's thread.

#include <algorithm>
#include <span>
#include <vector>

namespace xmr {

template <class Cursor, class Use>
void merge_sorted(std::span<Cursor> cursors, const Use& use) {
  const auto later = [](const Cursor* a, const Cursor* b) { return *b < *a; };
  std::vector<Cursor*> heap, same;
  const auto push_next = [&](Cursor* cursor) {
    if (!cursor->next()) return;
    heap.push_back(cursor);
    std::ranges::push_heap(heap, later);
  };
  for (Cursor& cursor : cursors)
    push_next(&cursor);
  while (!heap.empty()) {
    same.clear();
    do {
      std::ranges::pop_heap(heap, later);
      same.push_back(heap.back());
      heap.pop_back();
    } while (!heap.empty() && !(*same.front() < *heap.front()));
    use(std::span<Cursor* const>(same));
    for (Cursor* cursor : same)
      push_next(cursor);
  }
}

}  // namespace xmr
