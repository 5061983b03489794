#pragma once
// What the rows (previous, prefix, next) of a log count: how often each label was wanted, what followed which query,
// and what stood near it in a session.
//
//   SessionCounter counter(keys);
//   counter.add("libc6", "libgcc-s1");  ...               // each row, in the order of the log
//   const SessionTables tables = counter.tables();
//
// A row goes on with the session of the row before it if its previous query is that row's next one. Two queries of a
// session occur together if at most kWindow queries part them, whichever comes first, but for the one that follows at
// once, which is a pair. Of each query the kMostTogether labels that it occurs with most often are kept, equal ones by
// label. Memory: 4 bytes for each pair and occurrence, up to 2 kWindow a row, and each text once.
// Thread rule: one thread.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/complete/pair_counts.hpp"
#include "xmr/complete/popular.hpp"
#include "xmr/io/names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

struct SessionTables {
  PopularTable popular;
  PairTable pairs, together;
};

class SessionCounter {
 public:
  static constexpr std::size_t kWindow = 9;
  static constexpr std::size_t kMostTogether = 64;

  // Keys increase bytewise and must outlive it.
  explicit SessionCounter(const StringTable& keys) : keys_(keys), popular_(keys.size()) {}

  // False if `next` is no label: it then counts for nothing but as company of others.
  bool add(std::string_view previous, std::string_view next);
  SessionTables tables() const;

 private:
  static constexpr LabelId kNoLabel = 0xffffffffU;
  struct Asked {
    std::string query;
    LabelId label;
  };
  LabelId label_of(std::string_view query) const;
  void add_together(const Asked& next);

  const StringTable& keys_;
  std::vector<std::uint32_t> popular_;
  PairCounter pairs_, together_;
  std::deque<Asked> session_;  // its last queries
};

}  // namespace xmr
