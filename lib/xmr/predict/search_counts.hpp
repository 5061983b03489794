#pragma once
// Counters of all searches of a run, by all threads together. Thread rule: any thread at any time.

#include <atomic>
#include <cstdint>

namespace xmr {

struct SearchCounts {
  std::atomic<std::uint64_t> queries = 0;
  std::atomic<std::uint64_t> parents = 0;  // with scored children
  std::atomic<std::uint64_t> nodes = 0;    // scored

  void add(std::uint64_t more_queries, std::uint64_t more_parents, std::uint64_t more_nodes) {
    queries.fetch_add(more_queries, std::memory_order_relaxed);
    parents.fetch_add(more_parents, std::memory_order_relaxed);
    nodes.fetch_add(more_nodes, std::memory_order_relaxed);
  }
};

}  // namespace xmr
