#pragma once
// Makes completions that no log holds: the typed words, the last one completed, and next words, by n-grams of queries
// (query_grams.hpp) and the words of the previous query. If no key begins with the typed text, its words are tried in
// other orders and behind the first pieces of the previous query.
//
//   QueryMaker make(grams, keys);
//   make("libfoo-bin", "libfoo-d");   // libfoo-dev, libfoo-doc, ... most likely first
//   make.all()[0].text
//
// The probability of a piece w after the contexts c2 (two pieces), c1 (one piece) and c0 (any) is interpolated by
// Witten and Bell (IEEE Trans. Inf. Theory 37, 1991), N(c) the count of a context, T(c) the number of its pieces, V the
// number of all pieces:
//
//   p(w | c) = (n(c, w) + T(c) · p(w | shorter c)) / (N(c) + T(c));   p(w) = 1/V, a tenth of that for a new piece
//
// The previous query, if any, has the weight 0.1 in a mixture with p. It gives 0.7 to the word that follows the same
// word in it, the rest to all its words. Its words may be new pieces, and so may words that the log has behind another
// separator.
//
// A beam of kBeam beginnings grows by kMaxPieces pieces at most, each by its kBranches most likely pieces. A made query
// is no key, and its share of the probability of all ended queries, keys too, is at least kMinShare. It is the typed
// text only if the last piece is known. The typed text must have kMinCharacters or more. In another order the
// probability is a tenth of the probability of all pieces, divided by the probability of the finished ones as typed.
// Cost: tens of µs. Thread rule: one object a thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmr/complete/query_grams.hpp"

namespace xmr {

struct MadeQuery {
  std::string text;
  double probability = 0;       // of the pieces behind the finished ones; see above for another order
  double share = 0;             // of the probability of all ended queries
  std::uint32_t pieces = 0;     // behind the finished ones
  bool is_begun_known = false;  // the last typed word was completed to a piece or word that is known
};

class QueryMaker {
 public:
  static constexpr std::size_t kMade = 10;
  static constexpr std::size_t kBeam = 8, kBranches = 6, kMaxPieces = 4;
  static constexpr std::size_t kMinCharacters = 2;
  static constexpr std::size_t kMaxTyped = 200;  // bytes; for a longer text nothing is made
  static constexpr double kMinShare = 0.01;
  // Limits for other orders: words of the typed text, separators between words, beginnings, completions of the last
  // word, pieces of the previous query.
  static constexpr std::size_t kMaxOrdered = 4, kSeparators = 3, kOrders = 6, kOrderBranches = 3, kOfPreviousPieces = 2;

  // `keys`: increasing. Both must outlive the object.
  QueryMaker(const QueryGrams& grams, const StringTable& keys);

  void operator()(std::string_view previous, std::string_view typed);
  void clear() { made_.clear(); }
  // The made queries, most likely first; valid until the next call.
  std::span<const MadeQuery> all() const { return made_; }

 private:
  struct Beginning {
    std::string text;
    std::size_t last_size = 0, before_size = 0;  // bytes of the last piece and of the one before it; 0: none
    double probability = 1;
    std::uint32_t pieces = 0;
    bool is_known = true;
    std::uint32_t used = 0;  // typed words that it holds, as bits

    std::string_view last() const { return std::string_view(text).substr(text.size() - last_size); }
    std::string_view before() const {
      return std::string_view(text).substr(text.size() - last_size - before_size, before_size);
    }
    void append(std::string_view piece, double of_piece) {
      text.append(piece);
      before_size = std::exchange(last_size, piece.size());
      probability *= of_piece;
    }
  };
  struct Next {
    PieceId piece;  // from the number of known pieces on: of new_pieces_
    double probability;
  };
  // A word of the previous query, as the next piece behind another one.
  struct OfPrevious {
    std::string_view word, before;  // `before`: the word before it; empty: none
    PieceId piece;
  };
  struct Context {
    PairCounts::Nexts nexts;
    double total = 0;  // of the counts
  };
  Context context_of(std::string_view text) const;
  void find_contexts(const Beginning& beginning);
  void find_nexts(const Beginning& beginning, std::string_view begins_with, std::size_t most);
  void list(const PairCounts::Nexts& nexts, std::size_t most);
  double probability(const Beginning& beginning, PieceId piece) const;
  double probability(const Beginning& beginning, std::string_view piece);
  // Returns true if each query behind a beginning of this probability has too small a share.
  bool is_hopeless(double probability) const { return probability < kMinShare * ended_sum_; }
  void grow(const Beginning& beginning, std::string_view begins_with);
  void read_previous(std::string_view previous);
  void list_previous(const Beginning& beginning, std::string_view begins_with);
  void list_vocabulary(std::string_view begins_with, LabelRange range);
  PieceId number_of(std::string_view separator, std::string_view word);
  std::string_view text_of(PieceId piece) const {
    const std::size_t known = grams_.pieces().size();
    return piece < known ? grams_.pieces()[piece] : std::string_view(new_pieces_[piece - known]);
  }
  double of_previous(const Beginning& beginning, PieceId piece) const;
  void add_other_orders();
  bool read_ordered();
  void add_separator(std::string_view separator);
  void add_word(const Beginning& beginning, std::size_t word, std::string_view separator);
  void keep_ended();

  const QueryGrams& grams_;
  const StringTable& keys_;
  std::vector<std::string_view> pieces_, of_previous_;
  std::string context_;
  Context any_, first_;               // of all pieces, and at the beginning of a query; each of many pieces
  std::vector<PieceId> best_of_any_;  // its kBranches most frequent pieces
  std::vector<Context> contexts_;     // the longest first
  std::vector<Next> nexts_;
  std::vector<std::size_t> order_;
  double ended_sum_ = 0;
  std::vector<Beginning> beam_, grown_;
  std::vector<OfPrevious> previous_words_;
  std::vector<std::string> new_pieces_;  // that no query of the log holds
  std::string usual_separator_;
  std::vector<std::string_view> words_, separators_;  // of the typed text
  bool is_last_open_ = false;                         // the last word may go on
  std::vector<Beginning> orders_, grown_orders_;
  std::string piece_, begun_;
  std::vector<MadeQuery> ended_, made_;
  std::string typed_, previous_;
  LabelRange typed_range_;  // keys that begin with the typed text
};

}  // namespace xmr
