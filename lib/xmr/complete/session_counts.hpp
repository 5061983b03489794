#pragma once
// Counts the rows (previous, prefix, next) of a log: each label, each pair of consecutive queries, queries of the same
// session, the pieces of all queries, and first queries of sessions that are no labels.
//
//   SessionCounter counter(keys);
//   counter.add("libc6", "libgcc-s1");  ...               // each row, in the order of the log
//   const SessionTables tables = counter.tables();
//
// A row continues the session of the row before it if its previous query is that row's next query. Two queries of a
// session occur together if at most kWindow queries lie between them, in either order, and they are not consecutive;
// consecutive queries are pairs. Each query keeps the kMaxTogether labels with the largest counts, ties by label.
// First queries that are rarer than each label of the log are not counted: the log may hide rare queries.
// Memory: 12 bytes for each pair and occurrence, up to 2 kWindow a row, and each text once. Thread rule: one thread.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/complete/first_queries.hpp"
#include "xmr/complete/pair_counts.hpp"
#include "xmr/complete/popular.hpp"
#include "xmr/complete/query_grams.hpp"
#include "xmr/complete/recent.hpp"
#include "xmr/complete/text_numbers.hpp"
#include "xmr/complete/word_index.hpp"
#include "xmr/io/names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

struct SessionTables {
  PopularTable popular;
  PairTable pairs, together;
  WordIndexTable words;
  QueryGramTable grams;
  FirstQueryTable first;
  std::optional<RecentTable> recent = {};  // of rows with times
};

class SessionCounter {
 public:
  static constexpr std::size_t kWindow = 9;
  static constexpr std::size_t kMaxTogether = 40;

  // Keys increase bytewise and must outlive the object.
  explicit SessionCounter(const StringTable& keys);
  // Begins with the counts of an earlier log. `before`, whose labels are other numbers for some of the keys, must
  // outlive the object. `number_of`: the label of each of its labels; kNoLabel: it is not counted. `kept`: the share of
  // its counts of labels, pairs and sessions that is kept, 0..1; fractions are rounded by hash, so that sums keep it
  // too.
  struct Before {
    const Popular& popular;
    const PairCounts &pairs, &together;
    const QueryGrams& grams;
    const FirstQueries& first;
    const Recent& recent;
  };
  SessionCounter(const StringTable& keys, const Before& before, std::span<const LabelId> number_of, double kept = 1);

  // Returns false if `next` is no label. Such a row counts only for the queries that occur together with others.
  // `time`: of `next`, seconds since 1970.
  bool add(std::string_view previous, std::string_view next, std::optional<std::int64_t> time = {});
  // `later`: next queries of later rows, which choose the half-life of counts that fade (recent.hpp). An earlier log's
  // counts keep theirs.
  SessionTables tables(std::span<const LabelId> later = {}) const;

  static constexpr LabelId kNoLabel = 0xffffffffU;

 private:
  // A query is the number of its text. The first texts are the keys.
  using Query = std::uint32_t;
  LabelId label_of(Query query) const { return query < keys_.size() ? query : kNoLabel; }
  bool is_empty(Query query) const { return texts_->text(query).empty(); }
  void add_pieces(Query query);
  void add_together(Query next);

  const StringTable& keys_;
  std::shared_ptr<TextNumbers> texts_ = std::make_shared<TextNumbers>();  // all that are counted
  std::vector<std::uint32_t> popular_;
  PairCounter pairs_{texts_}, together_{texts_};
  QueryGramCounter grams_{nullptr, texts_};
  FirstQueryCounter first_{texts_};
  RecentCounter recent_;
  std::optional<Query> begun_by_;  // the first query of the session, if it is not empty
  std::vector<bool> had_gram_;     // by label: an earlier log has counted its pieces
  std::deque<Query> session_;      // the last queries of the session
};

}  // namespace xmr
