#pragma once
// Queries that began sessions of a log and followed no query, so that they are no labels: counts, the search by words,
// and the queries that came after them.
//
//   FirstQueryCounter counter;
//   counter.add("node-commist");   counter.add_before("node-mqtt", "node-commist");  ...   // each session
//   counter.table(keys, 1).write(out, "first/", texts_of_pairs);
//   const FirstQueries first = FirstQueries::read(file, "first/", pairs);
//   FirstQuerySearch search(first);
//   search("node-mqtt", "node-c", typed);   search.all()[0]    // number 0, count 1, 1 session with node-mqtt
//
// Memory and file: about 40 bytes a query and its text, 8 for each query that came after it, 4 a text of the log.
// Errors: FormatError for inconsistent arrays. Thread rule: const methods from any thread; one FirstQuerySearch a
// thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmr/complete/pair_counts.hpp"
#include "xmr/complete/popular.hpp"
#include "xmr/complete/text_numbers.hpp"
#include "xmr/complete/word_index.hpp"
#include "xmr/complete/words.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"

namespace xmr {

class FirstQueries {
 public:
  // `pairs`: of the same file; has the texts of before().
  static FirstQueries read(const NpzFile& file, const std::string& prefix, const PairCounts& pairs);

  // Increasing; the place of a text is its number.
  const StringTable& texts() const { return texts_; }
  const Popular& popular() const { return popular_; }
  const WordIndex& words() const { return words_; }
  // The first queries of the sessions in which a query came later.
  const PairCounts& before() const { return before_; }

 private:
  friend class FirstQueryTable;
  StringTable texts_;
  Popular popular_;
  WordIndex words_;
  PairCounts before_;
};

// The arrays of FirstQueries during construction.
class FirstQueryTable {
 public:
  FirstQueryTable() : FirstQueryTable({}, {}, {}) {}
  // `counts`: of each text; `before`: with the places of the texts as labels.
  FirstQueryTable(StringTableBuilder texts, const std::vector<std::uint32_t>& counts, PairTable before);
  const PairTable& before() const { return before_; }
  // Writes the members `prefix`texts/…, `prefix`popular/…, `prefix`words/…, and before() for the texts of a log.
  void write(NpzWriter& out, const std::string& prefix, const StringTable& texts_of_log) const;
  // Valid as long as the table.
  FirstQueries view() const;

 private:
  StringTableBuilder texts_;
  PopularTable popular_;
  WordIndexTable words_;
  PairTable before_;
};

class FirstQueryCounter {
 public:
  // The largest number of first queries that a later query keeps.
  static constexpr std::size_t kMaxBefore = 8;

  // Counters of the same texts may share them.
  explicit FirstQueryCounter(std::shared_ptr<TextNumbers> texts = std::make_shared<TextNumbers>())
      : texts_(std::move(texts)), before_(texts_) {}

  // `query` began `times` sessions.
  void add(std::string_view query, std::uint32_t times = 1) { add(texts_->number(query), times); }
  // `later` came later in sessions that `query` began.
  void add_before(std::string_view later, std::string_view query, std::uint32_t times = 1) {
    before_.add(texts_->number(later), texts_->number(query), times);
  }
  // As above, by the numbers of the texts.
  void add(std::uint32_t query, std::uint32_t times = 1);
  void add_before(std::uint32_t later, std::uint32_t query, std::uint32_t times = 1) {
    before_.add(later, query, times);
  }
  // Leaves out keys, which increase, and queries that began less than `least` sessions.
  FirstQueryTable table(const StringTable& keys, std::uint32_t least) const;

 private:
  std::shared_ptr<TextNumbers> texts_;
  std::vector<std::uint32_t> counts_;  // by text; shorter if the last texts began no session
  PairCounter before_;
};

// A first query that may complete a typed text.
struct FoundFirst {
  std::uint32_t number = 0;      // among the texts
  std::uint32_t count = 0;       // sessions that it began
  std::uint32_t before = 0;      // of these, sessions in which the previous query came later
  bool has_words = false;        // it does not begin with the typed text, but holds its words
  std::uint32_t word_place = 0;  // of the word that is completed, from 0; only with has_words
};

class FirstQuerySearch {
 public:
  // The largest number of queries of each source: the most frequent queries, queries before the previous query, and
  // queries that hold the typed words in any order. The others are, among the kNear neighbours of the previous query on
  // each side, queries that begin with the typed text or hold its words.
  static constexpr std::size_t kListed = 5;
  static constexpr std::size_t kSources = 5;
  static constexpr LabelId kNear = 32;

  explicit FirstQuerySearch(const FirstQueries& first) : first_(first), search_words_(first.words(), first.texts()) {}

  // `words`: of the typed text.
  void operator()(std::string_view previous, std::string_view typed, const Words& words);
  // By number; valid until the next call.
  std::span<const FoundFirst> all() const { return found_; }

 private:
  void add_near(std::string_view previous, const Words& words, LabelRange begun);
  // Returns the place of the word of a text that completes the typed words.
  std::optional<std::size_t> find(const Words& words, LabelId number) {
    return find_words(words, first_.texts()[number], text_words_);
  }

  const FirstQueries& first_;
  WordSearch search_words_;
  std::vector<FoundFirst> found_;
  std::vector<LabelId> numbers_;
  std::vector<std::uint32_t> order_;
  std::vector<Popular::Interval> intervals_;
  Words text_words_;
};

}  // namespace xmr
