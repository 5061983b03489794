#pragma once
// Completions that are no labels: first queries of sessions (first_queries.hpp), then queries that nobody has asked,
// made of words (query_maker.hpp).
//
//   OtherQueries other(first, grams, keys);
//   other("node-mqtt", "node-c", true);
//   other.all()[0].text
//
// Thread rule: one object a thread.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/complete/first_queries.hpp"
#include "xmr/complete/query_grams.hpp"
#include "xmr/complete/query_maker.hpp"
#include "xmr/complete/words.hpp"
#include "xmr/io/names.hpp"

namespace xmr {

struct OtherQuery {
  std::string_view text;
  FoundFirst first;                   // a made query has only has_words and word_place
  double probability = 0, share = 0;  // MadeQuery; 0 for a first query that the maker did not make too
  std::uint32_t pieces = 0;           // behind the typed ones
};

class OtherQueries {
 public:
  static constexpr std::size_t kMax = FirstQuerySearch::kSources * FirstQuerySearch::kListed + QueryMaker::kMade;

  // `keys`: increasing. All must outlive the object.
  OtherQueries(const FirstQueries& first, const QueryGrams& grams, const StringTable& keys)
      : first_(first), search_(first), make_(grams, keys) {}

  // If `makes` is false, finds first queries only; they are the same.
  void operator()(std::string_view previous, std::string_view typed, bool makes);
  void clear() { all_.clear(); }
  // Valid until the next call.
  std::span<const OtherQuery> all() const { return all_; }

 private:
  const FirstQueries& first_;
  FirstQuerySearch search_;
  QueryMaker make_;
  Words words_, text_words_;
  std::vector<OtherQuery> all_;
};

}  // namespace xmr
