#pragma once
// Counts of the pieces that queries are made of, for queries that nobody has asked yet (query_maker.hpp).
//
// A piece is a word (words.hpp, unfolded) with the separators before it: "libssl1.1-dev" is "libssl1", ".1", "-dev".
// The empty piece ends a query. A context is the one or two pieces before a piece, each behind a TAB; a TAB alone
// begins a query. The empty context counts all pieces but the first ones of queries. A query counts once, however often
// it was asked: rare queries tell more about queries that nobody has asked.
//
//   QueryGramCounter counter;
//   counter.add("libssl-dev");  ...                  // each query of a log
//   counter.table().write(out, "grams/");
//   const QueryGrams grams = QueryGrams::read(file, "grams/");
//   grams.contexts().nexts("\tlibssl")               // numbers of pieces and their counts
//
// Each context keeps its kMaxNexts most frequent pieces, the beginning and the empty context kMaxAny; contexts of two
// pieces that occurred once are left out. Errors: FormatError for inconsistent arrays. Thread rule: const methods from
// any thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmr/complete/pair_counts.hpp"
#include "xmr/complete/text_numbers.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"

namespace xmr {

using PieceId = LabelId;  // number of a piece in bytewise order; 0 is the end

// Cuts a query into pieces, which point into it; separators at its end are a piece too.
void cut_pieces(std::string_view query, std::vector<std::string_view>& pieces);

class QueryGrams {
 public:
  static constexpr std::size_t kMaxNexts = 256, kMaxAny = 8192;
  static QueryGrams read(const NpzFile& file, const std::string& prefix);

  const StringTable& pieces() const { return pieces_; }
  const PairCounts& contexts() const { return contexts_; }

 private:
  friend class QueryGramTable;
  StringTable pieces_;  // increasing
  PairCounts contexts_;
};

class QueryGramTable {
 public:
  // Writes the members `prefix`pieces/… and `prefix`contexts/….
  void write(NpzWriter& out, const std::string& prefix) const;
  // Valid as long as the table.
  QueryGrams view() const;

 private:
  friend class QueryGramCounter;
  StringTableBuilder pieces_;
  PairTable contexts_;
};

class QueryGramCounter {
 public:
  // Begins with the counts of `before`, which must outlive the object; null: with none. Counters of the same texts may
  // share them.
  explicit QueryGramCounter(const QueryGrams* before = nullptr,
                            std::shared_ptr<TextNumbers> texts = std::make_shared<TextNumbers>())
      : before_(before), texts_(std::move(texts)) {}

  // A query that `before` has counted must not be added. Others count once.
  void add(std::string_view query) { add(texts_->number(query)); }
  // As above, by the number of the query.
  void add(std::uint32_t query) {
    if (query >= is_added_.size()) is_added_.resize(texts_->size());
    is_added_[query] = true;
  }
  QueryGramTable table() const;

 private:
  const QueryGrams* before_;
  std::shared_ptr<TextNumbers> texts_;
  std::vector<bool> is_added_;  // by text; shorter if the last texts are not added
};

}  // namespace xmr
