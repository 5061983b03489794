#include "xmr/complete/query_grams.hpp"

#include <fmt/format.h>

#include "xmr/complete/prefix.hpp"
#include "xmr/complete/words.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {

void cut_pieces(std::string_view query, std::vector<std::string_view>& pieces) {
  pieces.clear();
  bool in_word = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < query.size();) {
    const DecodedPoint next = decode_utf8(query.substr(at));
    const bool is_word = is_word_point(next.point);
    if (in_word && !is_word) {
      pieces.push_back(query.substr(begin, at - begin));
      begin = at;
    }
    in_word = is_word;
    at += next.length;
  }
  if (begin < query.size()) pieces.push_back(query.substr(begin));
}

QueryGramTable QueryGramCounter::table() const {
  std::vector<std::string_view> cut;
  const auto cut_each = [&](const auto& visit) {
    for (std::uint32_t text = 0; text < is_added_.size(); ++text) {
      if (!is_added_[text]) continue;
      cut_pieces(texts_->text(text), cut);
      visit();
    }
  };
  TextNumbers found;
  found.number("");
  cut_each([&] {
    for (const std::string_view piece : cut)
      found.number(piece);
  });
  const std::size_t known = before_ == nullptr ? 0 : before_->pieces().size();
  for (std::size_t i = 0; i < known; ++i)
    found.number(before_->pieces()[i]);
  QueryGramTable table;
  std::vector<PieceId> ids(found.size());  // of the found pieces
  for (const std::uint32_t number : found.increasing()) {
    ids[number] = static_cast<PieceId>(table.pieces_.size());
    table.pieces_.add(found.text(number));
  }
  const auto id_of = [&](std::string_view piece) { return ids[found.number(piece)]; };
  const auto contexts = std::make_shared<TextNumbers>();
  const std::uint32_t no_context = contexts->number(""), begin = contexts->number("\t");
  PairCounter nexts(contexts), any(contexts);
  const std::size_t counted_before = before_ == nullptr ? 0 : before_->contexts().texts().size();
  for (std::size_t i = 0; i < counted_before; ++i) {
    const std::uint32_t context = contexts->number(before_->contexts().texts()[i]);
    const PairCounts::Nexts counted = before_->contexts().nexts_of(i);
    for (std::size_t j = 0; j < counted.labels.size(); ++j)
      (context == no_context || context == begin ? any : nexts)
          .add(context, id_of(before_->pieces()[counted.labels[j]]), counted.counts[j]);
  }
  const auto is_counted = [this](std::string_view context) {
    return before_ != nullptr && !before_->contexts().nexts(context).labels.empty();
  };
  std::vector<std::uint32_t> occurrences;  // of contexts of two pieces
  for (const bool counts : {false, true}) {
    cut_each([&] {
      std::string first = "\t", second;  // contexts of one and of two pieces
      for (std::size_t i = 0; i <= cut.size(); ++i) {
        const PieceId next = i == cut.size() ? 0 : id_of(cut[i]);
        const std::uint32_t of_two = second.empty() ? no_context : contexts->number(second);
        occurrences.resize(contexts->size());
        if (!counts) {
          ++occurrences[of_two];
        } else {
          (i == 0 ? any : nexts).add(first, next);
          if (i > 0) any.add(no_context, next);
          if (!second.empty() && (occurrences[of_two] > 1 || is_counted(second))) nexts.add(of_two, next);
        }
        if (i == cut.size()) break;
        second = first + "\t" + std::string(cut[i]);
        first = "\t" + std::string(cut[i]);
      }
    });
  }
  // The texts "" and "\t" are the first ones in bytewise order.
  table.contexts_ = any.table(QueryGrams::kMaxAny);
  table.contexts_.append(nexts.table(QueryGrams::kMaxNexts));
  return table;
}

void QueryGramTable::write(NpzWriter& out, const std::string& prefix) const {
  pieces_.write(out, prefix + "pieces/");
  contexts_.write(out, prefix + "contexts/");
}

QueryGrams QueryGramTable::view() const {
  QueryGrams view;
  view.pieces_ = pieces_.view();
  view.contexts_ = contexts_.view();
  return view;
}

QueryGrams QueryGrams::read(const NpzFile& file, const std::string& prefix) {
  for (const char* member : {"pieces/offsets", "pieces/bytes"})
    file.check(prefix + member);
  QueryGrams grams;
  grams.pieces_ = read_string_table(file, prefix + "pieces/");
  if (grams.pieces_.size() == 0 || !grams.pieces_[0].empty())
    throw FormatError(file.name(), fmt::format("member {}pieces/offsets: the first piece is not empty", prefix));
  grams.contexts_ = PairCounts::read(file, prefix + "contexts/", grams.pieces_.size());
  return grams;
}

}  // namespace xmr
